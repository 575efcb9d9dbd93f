import type { CharacterBuffer } from './character-buffer.ts';
import { type Mark, START, scannerError } from './mark.ts';

/** A simple key may be at most this many characters away from its colon (YAML 1.1, 7.2.1). */
const MAX_SIMPLE_KEY_CHARACTERS = 1024;

export interface SimpleKey {
  possible: boolean;
  /** It stands where only a key can stand: without a colon the text is broken. */
  readonly required: boolean;
  readonly tokenNumber: number;
  readonly mark: Mark;
}

/** Places where a key without `?` may have started, one a flow level; only a colon tells. */
export class SimpleKeys {
  readonly #text: CharacterBuffer;
  readonly #levels: SimpleKey[] = [{ possible: false, required: false, tokenNumber: 0, mark: START }];
  /** Token number -> level of the key that may start there. */
  readonly #levelByToken = new Map<number, number>();

  constructor(text: CharacterBuffer) {
    this.#text = text;
  }

  /** The key that may have started on the innermost level, when a colon here would make it one. */
  valid(): SimpleKey | undefined {
    return this.#validAt(this.#levels.length - 1);
  }

  /** Whether this token may still turn out to be a key. */
  mayStartAt(tokenNumber: number): boolean {
    const level = this.#levelByToken.get(tokenNumber);
    return level !== undefined && this.#validAt(level) !== undefined;
  }

  save(tokenNumber: number, required: boolean): void {
    this.remove();
    this.#levels[this.#levels.length - 1] = { possible: true, required, tokenNumber, mark: this.#text.mark() };
    this.#levelByToken.set(tokenNumber, this.#levels.length - 1);
  }

  /** Something that cannot stand between a key and its colon is here. */
  remove(): void {
    const key = this.#levels.at(-1);
    if (key === undefined || !key.possible) return;
    if (key.required) throw this.#missingColon();
    this.use(key);
  }

  /** The key has been found, or given up. */
  use(key: SimpleKey): void {
    key.possible = false;
    this.#levelByToken.delete(key.tokenNumber);
  }

  open(tokenNumber: number): void {
    this.#levels.push({ possible: false, required: false, tokenNumber, mark: this.#text.mark() });
  }

  close(): void {
    const closed = this.#levels.pop();
    // The bracket itself has the same number: from here on it is no longer held back (go-yaml's slip, kept).
    if (closed !== undefined) this.#levelByToken.delete(closed.tokenNumber);
  }

  #validAt(level: number): SimpleKey | undefined {
    const key = this.#levels[level];
    if (key === undefined || !key.possible) return undefined;
    const here = this.#text.mark();
    if (key.mark.line >= here.line && key.mark.index + MAX_SIMPLE_KEY_CHARACTERS >= here.index) return key;
    if (key.required) throw this.#missingColon();
    key.possible = false;
    return undefined;
  }

  #missingColon(): Error {
    return scannerError("could not find expected ':'", this.#text.mark());
  }
}
