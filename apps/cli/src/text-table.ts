/** Columns as wide as their longest cell, two spaces apart; the last one is not padded. Cells hold one line of plain text. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(printable));
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  return lines
    .map((cells) => cells.map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '))
    .join('\n');
}

/** A certificate's subject is somebody else's text: it must not move the cursor of a terminal. */
function printable(text: string): string {
  return [...text].map((character) => (character < ' ' || (character >= '\x7f' && character < '\xa0') ? '?' : character)).join('');
}
