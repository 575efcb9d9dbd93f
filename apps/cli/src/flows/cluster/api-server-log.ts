import { execFile } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where the log of an API server is looked for. */
export interface LogPlace {
  /** Stands for `/`. */
  readonly root: string;
  /** Given by a person: this and no other. */
  readonly file?: string;
}

const POD_LOGS = 'var/log/pods/kube-system_kube-apiserver-*/kube-apiserver/*.log';
const TAIL_BYTES = 64 * 1024;
const LINES = 6;
/** What begins an error in klog, in what cobra prints, and in a crash of Go. */
const TELLING = /^(E|F)\d{4} |^Error:|^panic:|^fatal error:|audit/i;

/** The log files that are there now: what a container writes that is started later lies in another one. */
export function logFiles({ root, file }: LogPlace): readonly string[] {
  return file === undefined ? globSync(POD_LOGS, { cwd: root }).map((path) => join(root, path)) : [file];
}

/**
 * The lines of an API server's log that say what went wrong, the last ones.
 *
 * @param known log files of earlier containers, which say nothing about this one
 * @returns none: it wrote nothing; the container was never started, or its log is elsewhere
 */
export async function tellingLines(place: LogPlace, known: readonly string[]): Promise<readonly string[]> {
  const fresh = logFiles(place).filter((path) => place.file !== undefined || !known.includes(path));
  const newest = fresh.map((path) => ({ path, at: statSync(path).mtimeMs })).sort((one, other) => other.at - one.at)[0];
  const text = newest === undefined ? await crictlLogs(place) : await tailOf(newest.path);
  const lines = text
    .split('\n')
    // The runtime's own prefix: time, stream, whole or part.
    .map((line) => line.replace(/^\S+ (stdout|stderr) [FP] /, ''))
    .filter((line) => line.trim() !== '')
    .map(printable);
  const telling = lines.filter((line) => TELLING.test(line));
  return (telling.length > 0 ? telling : lines).slice(-LINES);
}

async function tailOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}

/** Where the runtime keeps logs elsewhere, its own tool knows. Only of the machine itself, not of a folder that stands for one. */
async function crictlLogs({ root }: LogPlace): Promise<string> {
  if (root !== '/') return '';
  const run = promisify(execFile);
  try {
    const { stdout } = await run('crictl', ['ps', '-a', '--latest', '--name', 'kube-apiserver', '-q'], { timeout: 10_000 });
    const id = stdout.trim().split('\n')[0] ?? '';
    if (id === '') return '';
    const logs = await run('crictl', ['logs', '--tail', '200', id], { timeout: 10_000 });
    return `${logs.stdout}${logs.stderr}`;
  } catch {
    return ''; // no crictl, or no runtime that it knows: the message says where to look
  }
}

function printable(text: string): string {
  return [...text]
    .map((character) => (character < ' ' || (character >= '\x7f' && character < '\xa0') ? '?' : character))
    .join('')
    .slice(0, 600);
}
