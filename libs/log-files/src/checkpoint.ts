/**
 * How far a log was read, to be kept across a restart. Files are known by their first line (log-head.ts), so that it holds
 * whatever they are called by then.
 */
export interface LogCheckpoint {
  /** Every file that was there at the last look. One that is not among them is new, and is read from its beginning. */
  readonly files: ReadonlyMap<string, FileProgress>;
}

export interface FileProgress {
  /** Behind the last line that was taken; in a packed file counted unpacked. */
  readonly byte: number;
  /** Rotated away and read to its end: a packed copy of it is not unpacked again. */
  readonly isComplete: boolean;
}

const VERSION = 1;

export function renderCheckpoint({ files }: LogCheckpoint): string {
  const rows = [...files].map(([head, { byte, isComplete }]) => ({ head, byte, isComplete }));
  return `${JSON.stringify({ version: VERSION, files: rows })}\n`;
}

/** @returns undefined for anything that this version cannot have written */
export function parseCheckpoint(text: string): LogCheckpoint | undefined {
  const value = parseObject(text);
  if (value?.['version'] !== VERSION || !Array.isArray(value['files'])) return undefined;
  const files = new Map<string, FileProgress>();
  for (const row of value['files'] as unknown[]) {
    const { head, byte, isComplete } = (row ?? {}) as Record<string, unknown>;
    if (typeof head !== 'string' || typeof isComplete !== 'boolean' || !Number.isSafeInteger(byte) || (byte as number) < 0)
      return undefined;
    files.set(head, { byte: byte as number, isComplete });
  }
  return { files };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // half a file, or another one
  }
}
