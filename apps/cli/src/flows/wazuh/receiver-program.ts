import { dirname, join } from 'node:path';
import { siblingProgram } from '../../sibling-program.ts';

/** How a service starts the receiver that belongs to this command: the launcher of a release, or the program in the source tree. */
export function receiverProgram(): string {
  const command = siblingProgram('receiver');
  const entry = command.at(-1) as string;
  return entry.endsWith('.cjs') ? join(dirname(entry), '../bin/k8s-audit-receiver') : command.join(' ');
}
