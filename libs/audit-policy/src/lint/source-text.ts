import { withEdits } from '@k8s-audit/text-edits';
import type { Place, Span } from '../go-json/data.ts';
import type { Edit } from './finding.ts';

/** A policy file as text, with a way from a place to what stands there. */
export class SourceText {
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly #starts: readonly number[];

  constructor(text: string, format: 'yaml' | 'json') {
    this.text = text;
    const breaks = text.matchAll(format === 'yaml' ? /\r\n|[\n\r\u0085\u2028\u2029]/g : /\n/g);
    // A byte order mark is no character of the first line.
    this.#starts = [text.startsWith('\ufeff') ? 1 : 0, ...[...breaks].map(({ index, 0: found }) => index + found.length)];
  }

  /** Without its line break. */
  line(number: number): string {
    const start = this.#starts[number - 1];
    if (start === undefined) return '';
    return this.text.slice(start, this.#starts[number] ?? this.text.length).replace(/\r\n$|[\n\r\u0085\u2028\u2029]$/, '');
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  slice({ place, end }: Span): string {
    return this.text.slice(this.offset(place), this.offset(end));
  }

  /** Columns count characters, offsets UTF-16 code units. */
  offset({ line, column }: Place): number {
    let offset = this.#starts[line - 1];
    if (offset === undefined) return this.text.length;
    for (let left = column - 1; left > 0; left--) offset += (this.text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
    return Math.min(offset, this.text.length);
  }

  /** The text with edits made that do not overlap. */
  edited(edits: readonly Edit[]): string {
    return withEdits(
      this.text,
      edits.map(({ place, end, text }) => ({ start: this.offset(place), end: this.offset(end), text })),
    );
  }
}
