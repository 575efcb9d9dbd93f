/** A wire event read back: every leaf by its name in Wazuh, a list as a list. */
export function leavesOf(json: string): ReadonlyMap<string, string | readonly string[]> {
  const leaves = new Map<string, string | readonly string[]>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'string' || Array.isArray(value)) leaves.set(path, value);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
    } else throw new Error(`${path} is neither a text nor a list: ${String(value)}`);
  };
  walk(JSON.parse(json), '');
  return leaves;
}

/** The same document as Python's json.dumps writes it, without its escapes beyond ASCII. */
export function pythonSpaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonSpaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${pythonSpaced(inner)}`)
    .join(', ')}}`;
}
