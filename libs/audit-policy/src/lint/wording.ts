/** `a, b and c`; of a long list the first. */
export function list(names: readonly string[], max = 6): string {
  const shown = names.slice(0, max).map(quoted);
  if (names.length > max) return `${shown.join(', ')} and ${names.length - max} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** A value from a policy inside a sentence. */
export function quoted(value: string): string {
  return value === '' || /^\s|\s$|[^\x20-\x7e]/.test(value) ? JSON.stringify(value) : value;
}
