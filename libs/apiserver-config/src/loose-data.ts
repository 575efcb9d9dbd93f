/** Data of a file that somebody else writes: every part may be missing or of another kind. */
export type LooseRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is LooseRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The maps in the list at a path; none where there is no list. */
export function recordsIn(root: unknown, ...path: readonly string[]): readonly LooseRecord[] {
  const list = valueAt(root, ...path);
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

export function valueAt(root: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), root);
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
