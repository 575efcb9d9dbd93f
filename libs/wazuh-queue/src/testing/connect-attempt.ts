/** Tries once to connect, as whoever runs it, and prints what became of it: `node connect-attempt.ts SOCKET`. */
import { connectOnce } from '../connection.ts';

process.stdout.write(JSON.stringify(connectOnce(process.argv[2] ?? '')));
