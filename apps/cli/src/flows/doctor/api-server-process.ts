import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Flag, flagsOfContainer } from '@k8s-audit/apiserver-config';

/** A kube-apiserver that runs on this machine, as the kernel shows it: its flags are those in force, whatever its manifest says by now. */
export interface ApiServerProcess {
  readonly pid: number;
  readonly flags: readonly Flag[];
  readonly startedAtMs: number;
  /** Its own root folder, containers included: a path in its flags is found below. */
  readonly root: string;
}

/** Of times in /proc/PID/stat: USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;
/** Field 22 of proc(5), counted behind the name in parentheses, which may hold blanks itself. */
const START_TIME_BEHIND_NAME = 19;

/**
 * The API servers that run here, the oldest first. What may not be read, and what ends while it is looked at, is left out.
 *
 * @param proc the machine's /proc
 */
export async function findApiServers(proc: string): Promise<readonly ApiServerProcess[]> {
  const bootSeconds = Number(/^btime (\d+)$/m.exec(await readFile(join(proc, 'stat'), 'utf8').catch(() => ''))?.[1]);
  const names = await readdir(proc).catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => readProcess(join(proc, String(pid)), pid, bootSeconds)));
  return found.filter((each) => each !== undefined).sort((one, other) => one.startedAtMs - other.startedAtMs);
}

async function readProcess(folder: string, pid: number, bootSeconds: number): Promise<ApiServerProcess | undefined> {
  try {
    const command = (await readFile(join(folder, 'cmdline'), 'utf8')).split('\0').slice(0, -1);
    if (basename(command[0] ?? '') !== 'kube-apiserver') return undefined;
    const read = flagsOfContainer({ command });
    if (read.kind !== 'flags') return undefined;
    const stat = await readFile(join(folder, 'stat'), 'utf8');
    const ticks = Number(
      stat
        .slice(stat.lastIndexOf(')') + 2)
        .trim()
        .split(' ')[START_TIME_BEHIND_NAME],
    );
    return { pid, flags: read.flags, startedAtMs: 1_000 * (bootSeconds + ticks / TICKS_A_SECOND), root: join(folder, 'root') };
  } catch {
    return undefined;
  }
}
