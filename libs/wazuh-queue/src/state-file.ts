import { readFile, stat } from 'node:fs/promises';

/**
 * The `.state` files below var/run: lines of `name='value'`, rewritten by the daemon every few seconds (by rename, so never half
 * written).
 *
 * @returns undefined when there is none, or it may not be read
 */
export async function readStateFile(
  path: string,
): Promise<{ readonly mark: string; readonly values: ReadonlyMap<string, string> } | undefined> {
  try {
    const [text, { mtimeNs, ino }] = await Promise.all([readFile(path, 'utf8'), stat(path, { bigint: true })]);
    return { mark: `${ino}:${mtimeNs}`, values: parseStateFile(text) };
  } catch {
    return undefined;
  }
}

export function parseStateFile(text: string): ReadonlyMap<string, string> {
  return new Map(Array.from(text.matchAll(/^(\w+)='([^'\n]*)'$/gm), ([, name = '', value = '']) => [name, value]));
}
