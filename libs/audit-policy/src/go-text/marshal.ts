/** A string as Go's encoding/json writes it: safe to stand in HTML, without the line separators of JavaScript. */
export function marshalString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
