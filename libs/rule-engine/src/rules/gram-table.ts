import { type ByteString, FOLD } from '../byte-string.ts';

/**
 * Many texts looked for in one value at once: of each text four bytes in a row that few others have are kept in a table, and every
 * four bytes of the value are looked up. What is found may contain the text; that is for the rule to see.
 */
export interface GramTable {
  /** Adds the positions of the texts that the value may contain, each once. */
  find(value: ByteString, found: number[]): void;
}

const GRAM_BYTES = 4;
/** Bits of the filter in front of the table: most places of a value end there. */
const FILTER_BITS = 1 << 16;

/** `text`: at least four bytes, in lower case. */
export function createGramTable(texts: readonly { readonly text: ByteString; readonly position: number }[]): GramTable {
  const uses = new Map<number, number>();
  for (const { text } of texts) for (const gram of gramsOf(text)) uses.set(gram, (uses.get(gram) ?? 0) + 1);
  const entries = new Map<number, { readonly positions: number[]; visitedIn: number }>();
  const filter = new Uint8Array(FILTER_BITS >> 3);
  for (const { text, position } of texts) {
    const rarest = gramsOf(text).reduce((best, gram) => ((uses.get(gram) ?? 0) < (uses.get(best) ?? 0) ? gram : best));
    const entry = entries.get(rarest) ?? { positions: [], visitedIn: 0 };
    entry.positions.push(position);
    entries.set(rarest, entry);
    const bit = bitOf(rarest);
    filter[bit >> 3] = (filter[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  const seen = new Uint32Array(Math.max(...texts.map(({ position }) => position)) + 1);
  let generation = 0;
  return {
    find(value, found) {
      generation = generation >= 0xffff_fffe ? 1 : generation + 1;
      if (generation === 1) {
        seen.fill(0);
        for (const entry of entries.values()) entry.visitedIn = 0;
      }
      let gram = 0;
      for (let i = 0; i < value.length; i++) {
        gram = (gram << 8) | (FOLD[value.charCodeAt(i)] as number);
        const bit = bitOf(gram);
        if (((filter[bit >> 3] as number) & (1 << (bit & 7))) === 0 || i < GRAM_BYTES - 1) continue;
        const entry = entries.get(gram);
        if (entry === undefined || entry.visitedIn === generation) continue;
        entry.visitedIn = generation;
        for (const position of entry.positions) {
          if (seen[position] === generation) continue;
          seen[position] = generation;
          found.push(position);
        }
      }
    },
  };
}

function gramsOf(text: ByteString): readonly number[] {
  const grams: number[] = [];
  let gram = 0;
  for (let i = 0; i < text.length; i++) {
    gram = (gram << 8) | (FOLD[text.charCodeAt(i)] ?? 0);
    if (i >= GRAM_BYTES - 1) grams.push(gram);
  }
  return grams;
}

function bitOf(gram: number): number {
  return Math.imul(gram, 0x9e3779b1) >>> 16;
}
