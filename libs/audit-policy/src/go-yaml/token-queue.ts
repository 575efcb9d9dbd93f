import type { Token } from './token.ts';

/** Tokens that the scanner has made and the parser has not taken, each with its number in the text. */
export class TokenQueue {
  readonly #tokens: Token[] = [];
  #head = 0;
  #taken = 0;

  get isEmpty(): boolean {
    return this.#head === this.#tokens.length;
  }

  /** Number of the token at the head. */
  get headNumber(): number {
    return this.#taken;
  }

  /** Number that the next pushed token will have. */
  get nextNumber(): number {
    return this.#taken + (this.#tokens.length - this.#head);
  }

  head(): Token {
    return this.#tokens[this.#head] as Token;
  }

  take(): void {
    this.#taken++;
    this.#head++;
    if (this.#head < 1024) return;
    this.#tokens.splice(0, this.#head);
    this.#head = 0;
  }

  push(token: Token): void {
    this.#tokens.push(token);
  }

  /** Makes a token the one with this number; pushes it when that number has already been taken, as go-yaml does. */
  insert(number: number, token: Token): void {
    const position = number - this.#taken;
    if (position < 0) this.push(token);
    else this.#tokens.splice(this.#head + position, 0, token);
  }
}
