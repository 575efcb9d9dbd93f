import type { ByteString } from '../byte-string.ts';
import { onlyCode } from './code-set.ts';
import type { Node } from './syntax-tree.ts';
import { encodeUtf8 } from './utf8.ts';

/** The longest text that every match contains, '' when there is none that can be told from the pattern's outside. */
export function requiredTextOf(node: Node, utf = false): ByteString {
  let longest = '';
  let run = '';
  const end = (): void => {
    if (run.length > longest.length) longest = run;
    run = '';
  };
  const visit = (part: Node): void => {
    switch (part.kind) {
      case 'empty':
      case 'assertion':
        return;
      case 'set': {
        const code = onlyCode(part.set);
        if (code === undefined) end();
        else run += utf ? String.fromCharCode(...encodeUtf8(code)) : String.fromCharCode(code);
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
      case 'look':
        // A lookaround reads the same bytes as its neighbours: it neither adds to the run nor breaks it.
        return;
      default:
        end();
    }
  };
  visit(node);
  end();
  return longest;
}
