import fc from 'fast-check';
import { rule } from './engine.ts';

const word = fc.constantFrom('create', 'delete', 'pods', 'secrets', 'alice', 'system:node', 'kube-system', 'exec', 'a', '');
const fieldName = fc.constantFrom('verb', 'k8s.user', 'k8s.user.name', 'K8S.Action', 'objectRef.resource', 'missing', 'list');

const pattern: fc.Arbitrary<readonly [attributes: string, text: string]> = fc.oneof(
  fc.tuple(
    fc.constant(''),
    word.map((text) => `^${text}$`),
  ),
  fc.tuple(
    fc.constant(''),
    fc.tuple(word, word).map(([a, b]) => `${a}\\.*${b}`),
  ),
  fc.tuple(
    fc.constant(' type="osmatch"'),
    fc.tuple(word, word).map(([a, b]) => `^${a}|${b}$`),
  ),
  fc.tuple(
    fc.constant(' type="pcre2"'),
    word.map((text) => `^${text}$`),
  ),
  fc.tuple(
    fc.constant(' type="pcre2"'),
    fc.tuple(word, word).map(([a, b]) => `(?i)^(${a}|${b})`),
  ),
  fc.tuple(
    fc.constant(' type="pcre2"'),
    fc.tuple(word, word).map(([a, b]) => `${a}.+${b}`),
  ),
  fc.tuple(
    fc.constant(' type="pcre2"'),
    word.map((text) => `(?!${text})e`),
  ),
  fc.tuple(
    fc.constant(' type="pcre2" negate="yes"'),
    word.map((text) => `^${text}`),
  ),
);

const condition = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fieldName, pattern).map(([name, [attributes, text]]) => `<field name="${name}"${attributes}>${text}</field>`),
  },
  { weight: 1, arbitrary: word.map((text) => `<match>${text}</match>`) },
  { weight: 1, arbitrary: word.map((text) => `<location>^k8s|${text}x</location>`) },
);

/** The inside of a group: a base, rules below any rule before them, some that count; all of them load. */
export function randomRules(max: number): fc.Arbitrary<string> {
  const one = fc.record({
    level: fc.integer({ min: 0, max: 15 }),
    parent: fc.nat(),
    kind: fc.constantFrom('child', 'child', 'child', 'child', 'alone', 'counts'),
    noalert: fc.boolean(),
    conditions: fc.array(condition, { minLength: 1, maxLength: 2 }),
  });
  return fc.array(one, { minLength: Math.floor(max / 2), maxLength: max }).map((rules) =>
    rules
      .map(({ level, parent, kind, noalert, conditions }, index) => {
        const id = 100_000 + index;
        // Once each: a second <match> or <location> would be glued to the first.
        const seen = new Set<string>();
        const inside = conditions
          .filter((text) => {
            const element = text.slice(0, text.indexOf('>')).split(' ')[0] ?? '';
            const isNew = element === '<field' || !seen.has(element);
            seen.add(element);
            return isNew;
          })
          .join('');
        const before = 100_000 + (parent % Math.max(index, 1));
        if (index === 0 || kind === 'alone') return rule(id, level, inside, noalert && level === 0 ? 'noalert="1"' : '');
        if (kind === 'counts')
          return rule(id, level, `<if_matched_sid>${before}</if_matched_sid><same_field>verb</same_field>`, 'frequency="2" timeframe="90"');
        return rule(id, level, `<if_sid>${before}</if_sid>${inside}`);
      })
      .join('\n'),
  );
}

/** Events that such rules ask about, and others. */
export const randomEvent: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        verb: fc.oneof(word, fc.integer(), fc.boolean()),
        k8s: fc.record(
          { user: fc.oneof(word, fc.record({ name: word })), action: fc.tuple(word, word).map((words) => words.join(' ')) },
          { requiredKeys: [] },
        ),
        'objectRef.resource': word,
        list: fc.array(word, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')) },
);
