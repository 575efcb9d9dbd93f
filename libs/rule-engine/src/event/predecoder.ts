import type { ByteString } from '../byte-string.ts';
import type { Predecoded } from './engine-event.ts';

/** A message without the header that syslog, Apache, Snort and others put in front. */
export interface PredecodedLog extends Predecoded {
  readonly log: ByteString;
  /** The host that the header names. */
  readonly hostname?: ByteString;
}

/**
 * wazuh-analysisd's predecoder. It knows headers by single bytes at fixed places, so a JSON message whose bytes happen to fall so
 * loses its beginning. Source: wazuh v4.14.7 src/analysisd/cleanevent.c, OS_CleanMSG.
 */
export function predecode(fullLog: ByteString): PredecodedLog {
  const header = repairUmlaut(fullLog);
  const length = fullLog.length + 1;
  const syslog = syslogHeaderLength(header, length);
  if (syslog > 0) return readSyslog(fullLog, syslog);
  for (const { minLength, marks, logAt, timestamp } of FIXED_HEADERS) {
    if (length > minLength && stands(header, marks))
      return { log: fullLog.slice(logAt), timestamp: fullLog.slice(timestamp[0], timestamp[1]) };
  }
  if (length > 26 && stands(header, OSX_MARKS)) return readOsx(fullLog);
  if (length > 32 && isSquid(header)) {
    let at = 14;
    while (fullLog[at] === ' ') at++;
    return { log: fullLog.slice(at), timestamp: fullLog.slice(0, at - 1) };
  }
  return { log: fullLog };
}

type Marks = readonly (readonly [at: number, character: string])[];

function stands(text: ByteString, marks: Marks): boolean {
  for (const [at, character] of marks) if (text[at] !== character) return false;
  return true;
}

/** "Mär" as UTF-8 is one byte longer than other months; for the look at fixed places it is made as long. */
function repairUmlaut(log: ByteString): ByteString {
  return log.charCodeAt(1) === 0xc3 && log.charCodeAt(2) === 0xa4 ? `Ma${log.slice(3)}` : log;
}

/** How many bytes a syslog date takes, the space behind it included; 0: there is none. */
function syslogHeaderLength(text: ByteString, length: number): number {
  if (length > 17 && stands(text, SYSLOG_MARKS)) return 16;
  if (length > 24 && stands(text, PROFTPD_MARKS)) return 23;
  if (length > 33 && stands(text, ISO_MARKS)) {
    if (text[22] === ':' && text[25] === ' ') return 26;
    if (text[19] === '.') return text[29] === ':' ? 33 : 32;
  }
  if (length > 21 && isDigit(text[0]) && stands(text, YEAR_FIRST_MARKS)) return 21;
  return 0;
}

/** `Dec 29 10:00:01 `; `2015-04-16 21:51:02,805`; `2007-06-14T15:48:55…`; `2015 Dec 29 10:00:01 `. */
const SYSLOG_MARKS: Marks = [
  [3, ' '],
  [6, ' '],
  [9, ':'],
  [12, ':'],
  [15, ' '],
];
const PROFTPD_MARKS: Marks = [
  [4, '-'],
  [7, '-'],
  [10, ' '],
  [13, ':'],
  [16, ':'],
  [19, ','],
];
const ISO_MARKS: Marks = [
  [4, '-'],
  [7, '-'],
  [10, 'T'],
  [13, ':'],
  [16, ':'],
];
const YEAR_FIRST_MARKS: Marks = [
  [4, ' '],
  [8, ' '],
  [11, ' '],
  [14, ':'],
  [17, ':'],
  [20, ' '],
];
const OSX_MARKS: Marks = [
  [0, '['],
  [1, 'T'],
  [5, ' '],
  [10, '.'],
  [13, '.'],
  [16, ' '],
  [19, ':'],
];

/** xferlog, Snort, Suricata, Apache: where the message begins, and what of the header is the timestamp. */
const FIXED_HEADERS: readonly {
  readonly minLength: number;
  readonly marks: Marks;
  readonly logAt: number;
  readonly timestamp: readonly [number, number];
}[] = [
  {
    minLength: 28,
    marks: [
      [3, ' '],
      [7, ' '],
      [10, ' '],
      [13, ':'],
      [16, ':'],
      [19, ' '],
      [24, ' '],
      [26, ' '],
    ],
    logAt: 25,
    timestamp: [0, 24],
  },
  {
    minLength: 24,
    marks: [
      [2, '/'],
      [5, '-'],
      [8, ':'],
      [11, ':'],
      [14, '.'],
      [21, ' '],
    ],
    logAt: 23,
    timestamp: [0, 21],
  },
  {
    minLength: 26,
    marks: [
      [2, '/'],
      [5, '/'],
      [10, '-'],
      [13, ':'],
      [16, ':'],
      [19, '.'],
      [26, ' '],
    ],
    logAt: 28,
    timestamp: [0, 26],
  },
  {
    minLength: 27,
    marks: [
      [0, '['],
      [4, ' '],
      [8, ' '],
      [11, ' '],
      [14, ':'],
      [17, ':'],
      [20, ' '],
      [25, ']'],
    ],
    logAt: 27,
    timestamp: [1, 25],
  },
];

function isSquid(text: ByteString): boolean {
  if (text[0] !== '1' || !isDigit(text[1]) || !isDigit(text[2]) || !isDigit(text[3]) || !isDigit(text[13])) return false;
  return text[10] === '.' && text[14] === ' ' && (text[21] === ' ' || text[22] === ' ');
}

/** Behind the date: a host and a program, in one of five forms. */
function readSyslog(log: ByteString, headerLength: number): PredecodedLog {
  const timestamp = log.slice(0, headerLength - 1);
  const rest = log.slice(headerLength).replace(/^ /, '');
  const host = validCharacters(rest, 0);
  if (rest[host] === ':' && rest[host + 1] === ' ') return { log: rest.slice(host + 2), timestamp, programName: rest.slice(0, host) };
  if (rest[host] !== ' ') return { log: rest, timestamp };
  const hostname = rest.slice(0, host);
  const message = rest.slice(host + 1);
  const program = readProgram(message);
  if (program === undefined) return { log: message, timestamp, hostname };
  return { log: withoutFacility(message.slice(program.end)), timestamp, hostname, programName: program.name };
}

/** `name:`, `name[pid]:`, `name[pid] ` and AIX's `facility|severity name:`; undefined: no program. */
function readProgram(message: ByteString): { readonly name: ByteString; readonly end: number } | undefined {
  const nameEnd = validCharacters(message, 0);
  const name = message.slice(0, nameEnd);
  if (message[nameEnd] === ':') return { name, end: nameEnd + (message[nameEnd + 1] === ' ' ? 2 : 1) };
  const pid = /^\[\d+\](?:: ?| )/.exec(message.slice(nameEnd));
  if (pid !== null) return { name, end: nameEnd + pid[0].length };
  const aix = /^\|[a-z][A-Za-z0-9]*:[A-Za-z0-9]* /.exec(message.slice(nameEnd));
  if (aix === null) return undefined;
  const start = nameEnd + aix[0].length;
  const end = validCharacters(message, start);
  const after = /^(?:: |\[\d+\]: )/.exec(message.slice(end));
  // Without what should follow, the name goes on to the end of the message and nothing is cut off.
  return after === null ? { name: message.slice(start), end: 0 } : { name: message.slice(start, end), end: end + after[0].length };
}

/** Solaris: `[ID 123 daemon.error] `. */
function withoutFacility(log: ByteString): ByteString {
  const end = log.startsWith('[ID ') ? log.indexOf(']', 4) : -1;
  return end < 0 ? log : log.slice(end + 2);
}

/** macOS: `[Time 2006.12.28 15:53:55 UTC] [Sender sshd] [Message …] [Host …]`. */
function readOsx(log: ByteString): PredecodedLog {
  let message = log.slice(25);
  let programName: ByteString | undefined;
  let hostname: ByteString | undefined;
  let hasMessage = false;
  const lastClose = log.lastIndexOf(']');
  for (let open = log.indexOf('[', 25); open >= 0; open = log.indexOf('[', open + 1)) {
    const close = open > lastClose ? -1 : log.indexOf(']', open);
    const inside = close < 0 ? log.slice(open + 1) : log.slice(open + 1, close);
    if (inside.startsWith('Sender ') && programName === undefined) {
      if (close < 0) break;
      programName = inside.slice(7);
    } else if (inside.startsWith('Message ') && !hasMessage) {
      hasMessage = true;
      message = inside.slice(8);
      if (close < 0) break;
    } else if (inside.startsWith('Host ')) {
      if (close >= 0) hostname = inside.slice(5);
      break;
    }
  }
  return { log: message, ...(programName === undefined ? {} : { programName }), ...(hostname === undefined ? {} : { hostname }) };
}

/** Where the run of bytes ends that a host's or program's name may have. Source: os_regex_maps.c, hostname_map. */
function validCharacters(text: ByteString, from: number): number {
  let at = from;
  while (at < text.length && /[A-Za-z0-9()\-./@_]/.test(text.charAt(at))) at++;
  return at;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}
