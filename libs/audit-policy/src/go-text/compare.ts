/** Orders strings as Go does: by their UTF-8 bytes, which is by code points and not by JavaScript's units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA === unitB) continue;
    const surrogateA = isSurrogate(unitA);
    // A surrogate starts a code point above every single unit.
    return surrogateA === isSurrogate(unitB) ? unitA - unitB : surrogateA ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
