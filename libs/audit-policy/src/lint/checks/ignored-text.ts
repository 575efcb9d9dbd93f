import type { Data, Entry } from '../../go-json/data.ts';
import { entryOf, finding, fixOf, type LintContext, type RuleView } from '../context.ts';
import { type Edits, endsItsLine, isFlow, removeEntry, renameKey, spanOf } from '../edits.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { nearest } from '../nearest.ts';
import type { SourceText } from '../source-text.ts';
import { quoted } from '../wording.ts';

export const UNKNOWN_FIELD: FindingKind = {
  id: 'unknown-field',
  severity: 'error',
  title: 'a field that there is none of',
  why: 'kube-apiserver ignores the field and writes one line into its log. A condition that is ignored makes the rule match more: `namespace:` for `namespaces:` turns "nothing of this namespace" into "nothing at all".',
  remedy: 'Write the name of the field as the API has it, or take it out.',
  example: '- level: None\n  verbs: [get]\n  namespace: [kube-system]\n- level: Metadata\n',
};

export const MISPLACED_FIELD: FindingKind = {
  id: 'misplaced-field',
  severity: 'error',
  title: 'a field that belongs elsewhere',
  why: 'The field exists, but not here: kube-apiserver ignores it. The best known case is `verbs` indented below `resources`: the rule then holds for every verb, and `get`, `list` and `watch` are recorded with their whole bodies.',
  remedy:
    'Move it to where it belongs: `verbs`, `users`, `userGroups`, `namespaces` and `omitStages` to the rule, `group` and `resourceNames` into an entry of `resources`.',
  example:
    '- level: Request\n  resources:\n  - group: ""\n    resources: [pods]\n    verbs: [create, patch, update, delete]\n- level: Metadata\n',
};

export const FIELD_CASE: FindingKind = {
  id: 'field-case',
  severity: 'error',
  title: 'a field in the wrong case',
  why: 'Fields are matched with their case. kube-apiserver ignores `nonResourceUrls` and `usergroups`, and the rule matches more than it says.',
  remedy: 'Write it as the API does.',
  example: '- level: None\n  verbs: [get]\n  usergroups: [system:nodes]\n- level: Metadata\n',
};

export const DUPLICATE_KEY: FindingKind = {
  id: 'duplicate-key',
  severity: 'error',
  title: 'a key that is there twice',
  why: 'The last one counts and the others are ignored, with one line in the log of the API server. YAML itself forbids it, and other tools read the first.',
  remedy: 'Keep one. `--fix` removes those that do not count, which changes nothing; put both values into one list if both were meant.',
  example: '- level: Request\n  verbs: [create]\n  resources: [{resources: [pods]}]\n  verbs: [delete]\n- level: Metadata\n',
};

export const SECOND_DOCUMENT: FindingKind = {
  id: 'second-document',
  severity: 'error',
  title: 'a second YAML document',
  why: 'kube-apiserver reads the first document of a file and never looks at the rest, without a word.',
  remedy: 'Put the rules of all documents into one list, in the order in which they should be tried.',
  example:
    'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n---\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n',
};

export const IGNORED_TEXT_KINDS: readonly FindingKind[] = [UNKNOWN_FIELD, MISPLACED_FIELD, FIELD_CASE, DUPLICATE_KEY, SECOND_DOCUMENT];

type Level = 'policy' | 'rule' | 'resources';

const FIELDS: Readonly<Record<Level, readonly string[]>> = {
  policy: ['apiVersion', 'kind', 'metadata', 'rules', 'omitStages', 'omitManagedFields'],
  rule: ['level', 'users', 'userGroups', 'verbs', 'resources', 'namespaces', 'nonResourceURLs', 'omitStages', 'omitManagedFields'],
  resources: ['group', 'resources', 'resourceNames'],
};

/** Names that people write for others, beside slips of one letter. */
const MEANT: Readonly<Record<Level, Readonly<Record<string, string>>>> = {
  policy: { rule: 'rules', omitStage: 'omitStages' },
  rule: {
    user: 'users',
    groups: 'userGroups',
    userGroup: 'userGroups',
    verb: 'verbs',
    resource: 'resources',
    namespace: 'namespaces',
    nonResourceURL: 'nonResourceURLs',
    nonResourcePaths: 'nonResourceURLs',
    omitStage: 'omitStages',
  },
  resources: {
    groups: 'group',
    apiGroup: 'group',
    apiGroups: 'group',
    resource: 'resources',
    resourceName: 'resourceNames',
    names: 'resourceNames',
  },
};

const CONDITIONS: ReadonlySet<string> = new Set([
  'users',
  'userGroups',
  'verbs',
  'resources',
  'namespaces',
  'nonResourceURLs',
  'resourceNames',
  'group',
]);

export function* checkIgnoredText(context: LintContext): Iterable<Finding> {
  const { root, reading, text } = context;
  if (root === undefined || reading.source === undefined) return;
  // Without an apiVersion the file is read as something else, and every field would be unknown.
  if (context.decoded !== undefined) yield* ignoredFields(context, root);
  for (const error of reading.strictErrors) {
    if (error.kind === 'duplicate-field' || (error.kind === 'unknown-field' && error.path.startsWith('metadata.')))
      yield finding(
        error.kind === 'duplicate-field' ? DUPLICATE_KEY : UNKNOWN_FIELD,
        { place: error.place, end: error.place },
        {
          path: error.path,
          message:
            error.kind === 'duplicate-field'
              ? `${error.path} is there twice: the last one counts`
              : `${error.path}: kube-apiserver ignores it`,
          advice: error.kind === 'duplicate-field' ? 'keep one' : 'take it out',
          severity: error.kind === 'duplicate-field' ? 'error' : 'warning',
        },
      );
    if (error.kind !== 'duplicate-keys') continue;
    for (const { place, end, earlier } of error.keys)
      yield finding(
        DUPLICATE_KEY,
        { place, end },
        {
          path: '',
          message: `${quoted(text.slice({ place, end }))} is there twice: this one counts, the one of line ${earlier.place.line} is ignored`,
          advice: 'keep one; put both values into one list if both were meant',
          related: [{ ...earlier, message: 'ignored' }],
          fix: fixOf(`remove the one of line ${earlier.place.line}, which does not count`, 'same', removeEarlier(text, earlier)),
        },
      );
  }
  const { more } = reading.source;
  if (more !== undefined)
    yield finding(
      SECOND_DOCUMENT,
      { place: more, end: { line: more.line, column: more.column + 3 } },
      {
        path: '',
        message: 'kube-apiserver reads only the first document: what follows is ignored',
        advice: 'put the rules of all documents into one list',
      },
    );
}

function* ignoredFields(context: LintContext, root: Data): Iterable<Finding> {
  yield* ignoredOf(context, root, 'policy', '', undefined);
  for (const rule of context.rules) {
    yield* ignoredOf(context, rule.data, 'rule', rule.path, rule);
    for (const { path, data } of rule.groups) yield* ignoredOf(context, data, 'resources', path, rule);
  }
}

function* ignoredOf(context: LintContext, owner: Data, level: Level, path: string, rule: RuleView | undefined): Iterable<Finding> {
  if (owner.kind !== 'object') return;
  for (const entry of owner.entries) {
    if (FIELDS[level].includes(entry.key)) continue;
    yield ignoredField(context, { owner, entry, level, path: path === '' ? entry.key : `${path}.${entry.key}`, rule });
  }
}

interface Ignored {
  readonly owner: Data;
  readonly entry: Entry;
  readonly level: Level;
  readonly path: string;
  readonly rule: RuleView | undefined;
}

function ignoredField({ text }: LintContext, ignored: Ignored): Finding {
  const { owner, entry, level, path, rule } = ignored;
  const span = { place: entry.keyPlace, end: entry.keyEnd };
  const key = quoted(entry.key);
  const isField = (name: string): boolean => name.toLowerCase() === entry.key.toLowerCase();
  const otherCase = FIELDS[level].find(isField);
  const home = (['rule', 'resources', 'policy'] as const).find((other) => other !== level && FIELDS[other].some(isField));
  const meant =
    otherCase ?? (home === undefined ? (MEANT[level][entry.key] ?? nearest(entry.key, FIELDS[level])) : MEANT[level][entry.key]);
  const effect = effectOf(meant ?? entry.key, level, rule);
  if (meant !== undefined) {
    const isFree = entryOf(owner, meant) === undefined;
    return finding(otherCase === undefined ? UNKNOWN_FIELD : FIELD_CASE, span, {
      path,
      message: `there is no field ${key}${otherCase === undefined ? '' : ' in this case'}: kube-apiserver ignores it${effect}`,
      advice: `write ${meant}`,
      fix: isFree ? fixOf(`rename ${key} to ${meant}`, 'stated', renameKey(text, entry, meant)) : undefined,
    });
  }
  if (home !== undefined)
    return finding(MISPLACED_FIELD, span, {
      path,
      message: `${key} is no field of ${OWNERS[level]}: kube-apiserver ignores it${effect}`,
      advice: adviceToMove(entry.key, level, home),
      fix:
        level === 'resources' && home === 'rule' && rule !== undefined
          ? fixOf(`move ${key} to the rule`, 'stated', moveToRule(text, ignored, rule))
          : undefined,
    });
  return finding(UNKNOWN_FIELD, span, {
    path,
    message: `there is no field ${key} in ${OWNERS[level]}: kube-apiserver ignores it`,
    advice: 'take it out, or make a comment of it',
    severity: level === 'policy' ? 'warning' : UNKNOWN_FIELD.severity,
  });
}

const OWNERS: Readonly<Record<Level, string>> = { policy: 'a policy', rule: 'a rule', resources: 'an entry of resources' };

function effectOf(field: string, level: Level, rule: RuleView | undefined): string {
  if (rule === undefined || level === 'policy' || !CONDITIONS.has(field)) return '';
  return `, and the rule${rule.rule.level === '' ? '' : ` (level ${quoted(rule.rule.level)})`} is not narrowed by it`;
}

function adviceToMove(key: string, level: Level, home: Level): string {
  if (home === 'rule') return level === 'resources' ? `indent ${key} as far as resources` : `move ${key} into a rule`;
  return home === 'resources' ? `move ${key} into an entry of the rule's resources` : `move ${key} out of the rules`;
}

/** The entry that does not count, when it stands on lines of its own. */
function removeEarlier(text: SourceText, earlier: Parameters<typeof endsItsLine>[1]): Edits {
  const before = text.line(earlier.place.line).slice(0, earlier.place.column - 1);
  if (!/^\s*$/.test(before) || !endsItsLine(text, earlier)) return undefined;
  return [{ place: { line: earlier.place.line, column: 1 }, end: { line: earlier.end.line + 1, column: 1 }, text: '' }];
}

/** From the only entry of `resources` to the end of the rule's `resources`, indented as the rule's own fields are. */
function moveToRule(text: SourceText, { owner, entry }: Ignored, rule: RuleView): Edits {
  const resources = entryOf(rule.data, 'resources');
  if (resources === undefined || rule.groups.length !== 1 || entryOf(rule.data, entry.key) !== undefined) return undefined;
  const removed = removeEntry(text, owner, entry);
  if (removed === undefined) return undefined;
  const written = text.slice(spanOf(entry));
  if (isFlow(text, rule.data)) return [...removed, { place: resources.value.end, end: resources.value.end, text: `, ${written}` }];
  if (!endsItsLine(text, resources.value)) return undefined;
  const after = { line: resources.value.end.line + 1, column: 1 };
  const shift = entry.keyPlace.column - resources.keyPlace.column;
  const indent = ' '.repeat(resources.keyPlace.column - 1);
  const [first = '', ...others] = written.split(/(?<=\n)/);
  if (!others.every((line) => line.trim() === '' || line.startsWith(' '.repeat(Math.max(0, shift))))) return undefined;
  const moved = `${indent}${first}${others.map((line) => line.slice(Math.max(0, shift))).join('')}`;
  const isLast = after.line > text.lineCount;
  const lineBreak = text.text.includes('\r\n') ? '\r\n' : '\n';
  const leaves = entry.value.end.line === resources.value.end.line;
  const atEnd = leaves ? moved : `${lineBreak}${moved}`;
  return [...removed, { place: after, end: after, text: isLast ? atEnd : `${moved}${lineBreak}` }];
}
