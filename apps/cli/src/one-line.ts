/** Messages quote values, which may hold line breaks and what moves a terminal's cursor. */
export function oneLine(text: string): string {
  const cut = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  return [...cut].map((character) => (character < ' ' || (character >= '\x7f' && character < '\xa0') ? '?' : character)).join('');
}
