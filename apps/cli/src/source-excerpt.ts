const WIDTH = 110;

/**
 * A line of a file with carets below the column and what follows (`length` characters), two spaces in; of a long line the part around it.
 * The column counts characters from 1. What is no printable character stands as `?`, so that the caret stays in place.
 */
export function renderExcerpt(line: string, column: number, length = 1): string {
  const characters = [...line].map((character) => (isPrintable(character) ? character : '?'));
  const start = Math.max(0, Math.min(column - 1 - Math.floor(WIDTH / 2), characters.length - WIDTH));
  const before = start > 0 ? '…' : '';
  const after = start + WIDTH < characters.length ? '…' : '';
  const caret = ' '.repeat(before.length + Math.max(0, column - 1 - start));
  const shown = Math.max(1, Math.min(length, start + WIDTH - (column - 1)));
  return `  ${before}${characters.slice(start, start + WIDTH).join('')}${after}\n  ${caret}${'^'.repeat(shown)}`;
}

function isPrintable(character: string): boolean {
  return character >= ' ' && !(character >= '\x7f' && character < '\xa0') && !/^[\u202a-\u202e\u2066-\u2069]$/.test(character);
}
