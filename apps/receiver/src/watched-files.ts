import { statSync } from 'node:fs';

/** Two looks that agree: a certificate and its key are not read while only one of them has been replaced. */
const LOOK_EVERY_MS = 1_000;

export interface FileWatch {
  close(): void;
}

/**
 * Says when one of the files has become another: rewritten, replaced by a rename, or a link that leads elsewhere (as secrets that
 * are mounted do). It looks at them once a second, because notifications are lost on network file systems and across links; it speaks
 * when all of them lie still. What is there when the watch begins, or when a file is first named, is no change.
 *
 * @param files asked at each look: their names change with the configuration
 */
export function watchFiles(files: () => readonly string[], onChange: () => void, lookEveryMs: number = LOOK_EVERY_MS): FileWatch {
  let told = signaturesOf(files());
  let last = told;
  const look = (): void => {
    const seen = signaturesOf(files());
    const isStill = [...seen].every(([file, signature]) => (last.get(file) ?? signature) === signature);
    const hasChanged = [...seen].some(([file, signature]) => (told.get(file) ?? signature) !== signature);
    last = seen;
    if (!isStill) return;
    told = seen;
    if (hasChanged) onChange();
  };
  const timer = setInterval(look, lookEveryMs).unref();
  return { close: () => clearInterval(timer) };
}

function signaturesOf(files: readonly string[]): ReadonlyMap<string, string> {
  return new Map(files.map((file) => [file, signatureOf(file)]));
}

function signatureOf(file: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
