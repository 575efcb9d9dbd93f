import type { ByteString } from '../byte-string.ts';
import { onlyCode } from './code-set.ts';
import type { Node } from './syntax-tree.ts';
import { encodeUtf8 } from './utf8.ts';

/** One of these is in every match. */
export type RequiredText = readonly ByteString[];

/** More alternatives than this say too little. */
const MAX_ALTERNATIVES = 32;

export interface RequiredTextOptions {
  /** Codes are written as UTF-8. */
  readonly utf: boolean;
  /** A letter in either case counts as the small one; the texts are then to be looked for without case. */
  readonly foldsCase: boolean;
}

/** What every match contains, as far as it can be told from the pattern's outside. */
export function requiredTextsOf(node: Node, options: RequiredTextOptions): readonly RequiredText[] {
  const texts: RequiredText[] = [];
  let run = '';
  const end = (): void => {
    if (run !== '') texts.push([run]);
    run = '';
  };
  const visit = (part: Node): void => {
    switch (part.kind) {
      case 'empty':
      case 'assertion':
        return;
      case 'set': {
        const code = onlyCode(part.set) ?? (options.foldsCase ? smallLetterOf(part.set) : undefined);
        if (code === undefined) end();
        else run += options.utf ? String.fromCharCode(...encodeUtf8(code)) : String.fromCharCode(code);
        return;
      }
      case 'sequence':
        part.items.forEach(visit);
        return;
      case 'capture':
      case 'atomic':
        visit(part.body);
        return;
      case 'repeat':
        if (part.min === 0) {
          end();
          return;
        }
        visit(part.body);
        if (part.min > 1 || part.max > 1) end();
        return;
      case 'alternatives': {
        end();
        const either = eitherOf(part.branches, options);
        if (either !== undefined) texts.push(either);
        return;
      }
      case 'look':
        // A lookaround reads the same bytes as its neighbours: it neither adds to the run nor breaks it.
        return;
      default:
        end();
    }
  };
  visit(node);
  end();
  return texts;
}

/** The longest text of each branch; undefined when a branch has none. */
function eitherOf(branches: readonly Node[], options: RequiredTextOptions): RequiredText | undefined {
  const all: ByteString[] = [];
  for (const branch of branches) {
    const [best] = requiredTextsOf(branch, options).toSorted((a, b) => shortest(b) - shortest(a));
    if (best === undefined) return undefined;
    all.push(...best);
  }
  return all.length <= MAX_ALTERNATIVES ? [...new Set(all)] : undefined;
}

function shortest(texts: RequiredText): number {
  return Math.min(...texts.map(({ length }) => length));
}

function smallLetterOf(set: readonly number[]): number | undefined {
  const [upper, upperEnd, lower, lowerEnd] = set;
  if (set.length !== 4 || upper === undefined || upper !== upperEnd || lower !== lowerEnd) return undefined;
  return upper >= 65 && upper <= 90 && lower === upper + 32 ? lower : undefined;
}
