import { cutToBytes, quoted } from './json-text.ts';
import type { WireLimits } from './limits.ts';

/**
 * Writes members of the wire event within their limits and remembers which it had to shorten. The pieces are joined once at
 * the end: half the time of a text that grows, which is flattened when its bytes are asked for.
 */
export class WireWriter {
  readonly #pieces: string[] = [];
  readonly trimmed: string[] = [];
  readonly #limits: WireLimits;
  #path = '';
  #first = false;

  constructor(limits: WireLimits) {
    this.#limits = limits;
  }

  /** JSON that is known to be right. */
  raw(json: string): void {
    this.#pieces.push(json);
  }

  finish(): string {
    return this.#pieces.join('');
  }

  open(name: string): void {
    this.#pieces.push(`${this.#separator()}"${name}": {`);
    this.#path = `${name}.`;
    this.#first = true;
  }

  close(): void {
    this.#pieces.push('}');
    this.#path = '';
    this.#first = false;
  }

  /** Left out when empty. */
  text(name: string, value: string | undefined, maxBytes: number = this.#limits.text): void {
    if (value !== undefined && value !== null && value !== '') this.always(name, value, maxBytes);
  }

  always(name: string, value: string, maxBytes: number = this.#limits.text): void {
    this.#pieces.push(`${this.#separator()}"${name}": `, quoted(scalar(this.#cut(name, value, maxBytes))));
  }

  /** As many of the first entries as fit. */
  list(name: string, values: readonly string[] | undefined, maxBytes: number = this.#limits.list): void {
    if (values == null || values.length === 0) return;
    const kept = this.#within(name, values, maxBytes);
    if (kept.length > 0) this.#pieces.push(`${this.#separator()}"${name}": [`, kept.map(quoted).join(', '), ']');
  }

  /** As many of the last entries as fit: of source addresses only the last was not written by the client. */
  lastOf(name: string, values: readonly string[] | undefined): void {
    if (values == null || values.length === 0) return;
    const kept =
      values.length === 1 && (values[0] as string).length < 64
        ? values
        : this.#within(name, [...values].reverse(), this.#limits.list).reverse();
    if (kept.length > 0) this.#pieces.push(`${this.#separator()}"${name}": [`, kept.map(quoted).join(', '), ']');
  }

  /** A map of lists, as one list of `key=value`. */
  extra(extra: Readonly<Record<string, readonly string[]>>): void {
    const entries: string[] = [];
    for (const key in extra) for (const value of extra[key] ?? []) entries.push(`${key}=${value}`);
    this.list('extra', entries, this.#limits.extra);
  }

  note(name: string): void {
    const field = this.#path + name;
    if (!this.trimmed.includes(field)) this.trimmed.push(field);
  }

  #separator(): string {
    if (!this.#first) return ', ';
    this.#first = false;
    return '';
  }

  #cut(name: string, value: string, maxBytes: number): string {
    const cut = cutToBytes(value, maxBytes);
    if (cut !== value) this.note(name);
    return cut;
  }

  #within(name: string, values: readonly string[], maxBytes: number): string[] {
    const kept: string[] = [];
    let left = maxBytes;
    for (const value of values) {
      if (left < value.length * 3 + ENTRY_BYTES) {
        const entry = cutToBytes(value, Math.max(0, left - ENTRY_BYTES));
        if (entry !== '') kept.push(entry);
        if (entry !== value) {
          this.note(name);
          break;
        }
        left -= Buffer.byteLength(entry) + ENTRY_BYTES;
        continue;
      }
      kept.push(value);
      left -= value.length + ENTRY_BYTES;
    }
    if (kept.length < values.length) this.note(name);
    return kept;
  }
}

/** Quotes, comma and blank of a list's entry. */
const ENTRY_BYTES = 4;

/**
 * analysisd turns a value that begins with a bracket and reads as JSON into a real list, with objects in it if the client
 * wrote some (wazuh v4.14.7 src/shared/string_op.c:213): one such user agent, and the index refuses the whole alert.
 */
function scalar(value: string): string {
  return value.startsWith('[') ? ` ${value}` : value;
}
