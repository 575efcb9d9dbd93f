import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Keeps a list of process groups and kills what is left of it when its input ends, which it does however the process that holds the other
 * end goes: by its own will, by a crash, or by SIGKILL, after which nothing of our own code runs.
 */
const SCRIPT = `
trap '' INT TERM HUP
live=" "
while read -r sign group; do
  case "$sign" in
    +) live="$live$group " ;;
    -) live="\${live%% $group *} \${live#* $group }" ;;
  esac
done
for group in $live; do kill -s KILL -- "-$group" 2>/dev/null; done
`;

let watcher: ChildProcess | undefined;

/** Process group `group` dies with this process. Call it directly after the spawn (with `detached`, so that the child leads a group). */
export function leash(group: number): void {
  tell(`+ ${group}\n`);
}

/** The group has ended: its number may soon belong to somebody else. */
export function unleash(group: number): void {
  tell(`- ${group}\n`);
}

function tell(line: string): void {
  watcher ??= startWatcher();
  watcher.stdin?.write(line);
}

function startWatcher(): ChildProcess {
  // Its own session: a Ctrl-C or a kill of our whole group must not take the one that cleans up.
  const child = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  // The pipe is a socket of this process: it must not keep the process alive either.
  (child.stdin as unknown as { unref(): void }).unref();
  child.stdin?.on('error', () => {
    watcher = undefined; // somebody killed the watcher: the next child starts a new one
  });
  return child;
}
