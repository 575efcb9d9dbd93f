import fc from 'fast-check';
import { Document, isCollection, visit } from 'yaml';
import type { YamlValue } from '../yaml-change.ts';

/**
 * The same data in the styles that people write: block or flow, quotes, indentation of lists, comments, blank lines,
 * line breaks of Windows, no final line break, a byte order mark, a document marker.
 */
export function yamlTextOf(value: YamlValue): fc.Arbitrary<string> {
  return fc
    .record({
      indent: fc.constantFrom(1, 2, 3, 4, 8),
      indentSeq: fc.boolean(),
      flowDepth: fc.constantFrom(0, 1, 2, 3, 9, 9, 9),
      quotes: fc.constantFrom('PLAIN' as const, 'QUOTE_SINGLE' as const, 'QUOTE_DOUBLE' as const),
      eol: fc.constantFrom('\n', '\n', '\r\n'),
      final: fc.boolean(),
      head: fc.constantFrom('', '', '---\n', '# a header\n---\n', '%YAML 1.1\n---\n'),
      mark: fc.constantFrom('', '', '', '\uFEFF'),
      dice: fc.infiniteStream(fc.nat(40)),
    })
    .map(({ flowDepth, eol, final, head, mark, dice, quotes, ...style }) => {
      const document = new Document(value, { version: '1.1' });
      visit(document, {
        Collection(_key, node, path) {
          if (path.filter(isCollection).length >= flowDepth) node.flow = true;
        },
      });
      const body = document.toString({ ...style, lineWidth: 0, defaultStringType: quotes, defaultKeyType: 'PLAIN', directives: false });
      const lines = `${head}${body.replace(/\n$/, '')}`.split('\n').flatMap((line) => commented(line, dice.next().value as number));
      return `${mark}${lines.join(eol)}${final ? eol : ''}`;
    });
}

function commented(line: string, dice: number): readonly string[] {
  const margin = /^ */.exec(line)?.[0] ?? '';
  if (/^(---|%)/.test(line)) return [line];
  if (dice === 0) return [`${margin}# a comment: with [brackets]`, line];
  if (dice === 1) return ['', line];
  if (dice === 2) return [`${line}   # behind`];
  if (dice === 3) return ['# at the margin', line];
  if (dice === 4) return [`${line}  `];
  return [line];
}
