import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU seconds, user and system, of a process, all its threads and the processes below it that live. */
export function cpuSeconds(pid: number): number {
  return familyOf(pid).reduce((sum, each) => sum + ticksOf(each), 0) / TICKS_PER_SECOND;
}

/** The most memory that each of them ever held, added up, in MiB. */
export function peakMemoryMiB(pid: number): number {
  return familyOf(pid).reduce((sum, each) => sum + peakOf(each), 0) / 1024;
}

function familyOf(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    parents.set(Number(name), Number(fieldsOf(stat)[1]));
  }
  const family = [pid];
  for (let at = 0; at < family.length; at++) for (const [child, parent] of parents) if (parent === family[at]) family.push(child);
  return family;
}

function ticksOf(pid: number): number {
  const fields = fieldsOf(read(`/proc/${pid}/stat`));
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

/** Behind the name, which may hold spaces: state, parent, … user time at 11, system time at 12 (proc_pid_stat(5)). */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}
