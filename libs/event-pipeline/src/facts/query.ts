/** The values of a parameter of a request URI, decoded, in order. `command` of an exec stands there once a word. */
export function queryValues(uri: string, name: string): readonly string[] {
  const start = uri.indexOf('?');
  if (start < 0) return [];
  const values: string[] = [];
  for (const part of uri.slice(start + 1).split('&')) {
    if (part.startsWith(name) && part[name.length] === '=') values.push(decodedValue(part.slice(name.length + 1)));
    else if (part.includes('%') && decodedValue(part.slice(0, Math.max(0, part.indexOf('=')))) === name) {
      values.push(decodedValue(part.slice(part.indexOf('=') + 1)));
    }
  }
  return values;
}

/** A wrong escape is left as it is: the value is evidence, whatever else it is. */
function decodedValue(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    if (error instanceof URIError) return spaced;
    throw error;
  }
}
