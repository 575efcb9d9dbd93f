import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { applyYamlRequests } from './apply.ts';
import { yamlTextOf } from './testing/arbitrary-yaml.ts';
import { undoYamlChanges } from './undo.ts';
import type { YamlRequest, YamlValue } from './yaml-change.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/);
const scalar = fc.oneof(
  word,
  fc.string({ maxLength: 8 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('yes', '0x1', '1e3', '~', ''),
);
const { tree } = fc.letrec<{ tree: YamlValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(word, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** A pod-like document: foreign data around two lists and a map that are edited, each of which may be missing or empty. */
const pod = fc
  .record({
    before: tree,
    command: fc.option(fc.array(fc.oneof(word, fc.constant('--old=1')), { maxLength: 4 }), { nil: undefined }),
    annotations: fc.option(fc.oneof(fc.dictionary(word, word, { maxKeys: 2, noNullPrototype: true }), fc.constant(null)), {
      nil: undefined,
    }),
    volumes: fc.option(fc.oneof(fc.array(fc.record({ name: word, hostPath: tree }), { maxLength: 2 }), fc.constant(null)), {
      nil: undefined,
    }),
    after: tree,
  })
  .map(({ before, command, annotations, volumes, after }) => ({
    before,
    metadata: { name: 'x', ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      containers: [
        { image: 'i', name: 'other' },
        { name: 'api', ...(command === undefined ? {} : { command }) },
      ],
      ...(volumes === undefined ? {} : { volumes }),
    },
    after,
  }));

const REQUESTS: readonly YamlRequest[] = [
  { kind: 'add-item', path: ['spec', 'containers', { name: 'api' }, 'command'], value: '--new=1' },
  { kind: 'add-item', path: ['spec', 'containers', { name: 'api' }, 'command'], value: '--new=2' },
  { kind: 'set-entry', path: ['metadata', 'annotations'], key: 'k8s-audit/checksum', value: 'yes' },
  { kind: 'add-item', path: ['spec', 'volumes'], value: { hostPath: { path: '/a b', type: 'Directory' }, name: 'k8s-audit' } },
  { kind: 'set-entry', path: ['apiServer', 'extraArgs'], key: 'audit', value: '1e3' },
];

const styled = pod.chain((value) => yamlTextOf(value as unknown as YamlValue));

describe('on random documents in random styles', () => {
  // Read again, the result says what the requests say: applyYamlRequests holds that itself and throws otherwise.
  it('edits, keeps every foreign line, and gives the very bytes back', () => {
    fc.assert(
      fc.property(styled, (text) => {
        const edited = applyYamlRequests(text, REQUESTS);
        expect(edited.text).not.toBe(text);
        // Where no line is written in braces, each stands there as before.
        // A last line that ended with the file has got the file's line break.
        const lines = new Set(edited.text.split(/\r?\n/));
        if (!/[{[~]|null/.test(text)) expect(text.split(/\r?\n/).filter((line) => !lines.has(line))).toEqual([]);
        expect(undoYamlChanges(edited.text, edited.changes)).toMatchObject({ text, left: [] });
      }),
      { numRuns: 150 },
    );
  });

  it('takes out its own and leaves what somebody added meanwhile', () => {
    const foreign: readonly YamlRequest[] = [
      { kind: 'add-item', path: ['spec', 'containers', { name: 'api' }, 'command'], value: '--theirs' },
      { kind: 'set-entry', path: ['metadata', 'annotations'], key: 'theirs', value: 'x' },
      { kind: 'add-item', path: ['spec', 'volumes'], value: { name: 'theirs' } },
    ];
    fc.assert(
      fc.property(styled, (text) => {
        const edited = applyYamlRequests(text, REQUESTS);
        const mixed = applyYamlRequests(edited.text, foreign).text;
        const undone = undoYamlChanges(mixed, edited.changes);
        // A written-out `null` that became a list stays a list, because by now it holds something of theirs.
        expect(undone.left.filter(({ kind }) => kind !== 'entry-replaced')).toEqual([]);
        expect(parse(undone.text, { version: '1.1' })).toEqual(parse(applyYamlRequests(text, foreign).text, { version: '1.1' }));
      }),
      { numRuns: 80 },
    );
  });
});

describe('on what people write', () => {
  const edit = (text: string, ...requests: readonly YamlRequest[]): string => applyYamlRequests(text, requests).text;
  const flag: YamlRequest = { kind: 'add-item', path: ['command'], value: '--new=1' };

  it.each([
    [
      'behind a comment at the end of the line',
      'command:\n  - a # why\n  # more\nb: 1\n',
      'command:\n  - a # why\n  - --new=1\n  # more\nb: 1\n',
    ],
    ['with the line breaks of the file', 'command:\r\n- a\r\n', 'command:\r\n- a\r\n- --new=1\r\n'],
    ['without a line break at the end', 'command:\n- a', 'command:\n- a\n- --new=1'],
    ['behind a value of several lines', 'command:\n- |\n  a\n  b\n\nb: 1\n', 'command:\n- |\n  a\n  b\n- --new=1\n\nb: 1\n'],
    ['inside brackets', 'command: [a, "b", ] # c\n', 'command: [a, "b", "--new=1", ] # c\n'],
    ['below a key whose brackets are empty', 'command: [ ] # c\nb: 1\n', 'command: # c\n- --new=1\nb: 1\n'],
    ['into empty brackets where all is in braces', '{command: [ ]}', '{command: ["--new=1" ]}'],
    ['below a key without a value', 'command: # later\nb: 1\n', 'command: # later\n- --new=1\nb: 1\n'],
    ['in place of null', 'command: ~\n', 'command:\n- --new=1\n'],
    ['in place of null in braces', '{command: ~}', '{command: ["--new=1"]}'],
    ['into an empty file', '', 'command:\n- --new=1\n'],
    ['below comments alone', '# nothing yet\n', '# nothing yet\ncommand:\n- --new=1\n'],
    ['as JSON', '{"command": ["a"]}', '{"command": ["a", "--new=1"]}'],
    ['where the key is missing', 'b: 1', 'b: 1\ncommand:\n- --new=1'],
  ])('adds %s', (_, text, expected) => {
    expect(edit(text, flag)).toBe(expected);
  });

  it.each([
    ['- --batch=1 # old', '- --batch=100 # old'],
    ["- '--batch=1'", "- '--batch=100'"],
    ['- "--batch=1"', '- "--batch=100"'],
  ])('replaces a value in its own quotes: %s', (before, after) => {
    const request: YamlRequest = { kind: 'replace-item', path: ['c'], from: '--batch=1', to: '--batch=100' };
    expect(edit(`c:\n${before}\n`, request)).toBe(`c:\n${after}\n`);
  });

  it.each([
    ['an alias', 'a: &x [b]\ncommand: *x\n', /alias/],
    ['an anchor that another place uses', 'command: &x [b]\nother: *x\n', /more than is asked/],
    ['a value of another kind', 'command: text\n', /another kind/],
    ['a map', 'command: {a: b}\n', /a map/],
    ['two documents', 'command: []\n---\na: 1\n', /more than one document/],
  ])('refuses %s, and says why', (_, text, message) => {
    expect(() => edit(text, flag)).toThrow(expect.objectContaining({ code: 'YAML_UNSUITABLE', message: expect.stringMatching(message) }));
  });

  it.each([
    ['broken YAML', 'a: [b\nc: d\n', /line 2/],
    ['a key that stands twice', 'a: 1\na: 2\n', /unique/],
    ['thousands of brackets', '['.repeat(50_000), /no YAML/],
    ['what is too large for a person to have written', 'a'.repeat(300_000), /more than 262144/],
    ['aliases that unfold without end', billionLaughs(), /alias/i],
  ])('refuses %s', (_, text, message) => {
    expect(() => edit(text, flag)).toThrow(expect.objectContaining({ code: 'YAML_UNREADABLE', message: expect.stringMatching(message) }));
  });

  it('finds one document among several by its kind', () => {
    const text = 'kind: A\n---\n# second\nkind: B\nargs: {}\n';
    expect(edit(text, { kind: 'set-entry', document: 'B', path: ['args'], key: 'x', value: '1' })).toBe(text.replace(' {}', '\n  x: "1"'));
  });

  it('says what it leaves because somebody changed it', () => {
    const edited = applyYamlRequests('c: [a]\n', [{ kind: 'set-entry', path: ['d'], key: 'k', value: 'ours' }]);
    const undone = undoYamlChanges(edited.text.replace('ours', 'theirs'), edited.changes);
    expect(undone).toMatchObject({ text: 'c: [a]\nd:\n  k: theirs\n', undone: [], left: [{ kind: 'entry-added', key: 'k' }] });
  });
});

function billionLaughs(): string {
  const lines = Array.from({ length: 12 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join(', ')}]`);
  return `a0: &a0 x\n${lines.join('\n')}\ncommand: []\n`;
}
