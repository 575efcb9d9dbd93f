/** Requests and handshakes that were turned away, by HTTP status (0: before HTTP) and code. */
export class Refusals {
  readonly #counts = new Map<string, number>();

  count(status: number, code: string): void {
    const key = `${status} ${code}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  snapshot(): readonly { readonly status: number; readonly code: string; readonly count: number }[] {
    return [...this.#counts].map(([key, count]) => {
      const space = key.indexOf(' ');
      return { status: Number(key.slice(0, space)), code: key.slice(space + 1), count };
    });
  }
}
