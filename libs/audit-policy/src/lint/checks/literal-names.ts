import { entryOf, finding, fixOf, type LintContext, type RuleView, valueAt } from '../context.ts';
import { removeEntry } from '../edits.ts';
import type { Finding, FindingKind } from '../finding.ts';
import type { SourceText } from '../source-text.ts';
import { list, quoted } from '../wording.ts';

export const LITERAL_WILDCARD: FindingKind = {
  id: 'literal-wildcard',
  severity: 'error',
  title: 'a wildcard where there are none',
  why: 'Users, groups, verbs, namespaces and names are compared letter by letter: `*` is a user called *, and `system:node:*` nobody at all. kube-apiserver accepts them, and the rule does not match. Resources know `*`, `pods/*` and `*/log`, nothing like `pod*`.',
  remedy:
    'Leave the list out to mean anybody or anything; for nodes and service accounts match their groups (`system:nodes`, `system:serviceaccounts:NAMESPACE`).',
  example: '- level: None\n  users: ["system:node:*"]\n  verbs: ["*"]\n- level: Metadata\n',
};

export const NAMES_WITHOUT_URL: FindingKind = {
  id: 'resource-names-on-create',
  severity: 'error',
  title: 'resourceNames with verbs whose requests have no name',
  why: 'The name is taken from the URL. The URL of a create or of a deletecollection has none, so a rule with `resourceNames` never matches them; lists and watches have one only with the field selector `metadata.name=`.',
  remedy: 'Give those verbs a rule without `resourceNames`.',
  example:
    '- level: Request\n  verbs: [create]\n  resources:\n  - group: ""\n    resources: [configmaps]\n    resourceNames: [kube-proxy]\n- level: Metadata\n',
};

export const LITERAL_NAME_KINDS: readonly FindingKind[] = [LITERAL_WILDCARD, NAMES_WITHOUT_URL];

export function* checkLiteralNames({ rules, text }: LintContext): Iterable<Finding> {
  for (const rule of rules) {
    yield* checkWildcards(rule, text);
    yield* checkNames(rule);
  }
}

const LISTS = ['users', 'userGroups', 'verbs', 'namespaces'] as const;

function* checkWildcards({ rule, data, path, groups }: RuleView, text: SourceText): Iterable<Finding> {
  for (const field of LISTS)
    for (const [index, value] of (rule[field] ?? []).entries()) {
      if (!value.includes('*')) continue;
      const entry = entryOf(data, field);
      const isAll = value === '*' && rule[field]?.length === 1;
      yield finding(LITERAL_WILDCARD, valueAt(data, field, index), {
        path: `${path}.${field}[${index}]`,
        message: `${quoted(value)} is compared letter by letter: ${field} know no wildcards`,
        advice: isAll ? `leave ${field} out: then any match` : adviceFor(field, value),
        fix:
          isAll && entry !== undefined
            ? fixOf(`remove ${field}: ["*"], so that any match`, 'stated', removeEntry(text, data, entry))
            : undefined,
      });
    }
  for (const { entry, path: at, data: written } of groups) {
    for (const [index, name] of (entry.resourceNames ?? []).entries())
      if (name.includes('*'))
        yield finding(LITERAL_WILDCARD, valueAt(written, 'resourceNames', index), {
          path: `${at}.resourceNames[${index}]`,
          message: `${quoted(name)} is compared letter by letter: names know no wildcards`,
          advice: name === '*' ? 'leave resourceNames out: then any match' : 'write each name, or leave resourceNames out',
        });
    for (const [index, pattern] of (entry.resources ?? []).entries())
      if (isNoPattern(pattern))
        yield finding(LITERAL_WILDCARD, valueAt(written, 'resources', index), {
          path: `${at}.resources[${index}]`,
          message: `${quoted(pattern)} is compared letter by letter: resources know only *, NAME/* and */NAME`,
          advice: 'write each resource',
        });
  }
}

/** Wildcards in a place where kube-apiserver looks for none. */
function isNoPattern(pattern: string): boolean {
  const [base = '', subresource, more] = pattern.split('/');
  if (more !== undefined) return false;
  return (base.includes('*') && base !== '*') || (subresource?.includes('*') === true && subresource !== '*');
}

function adviceFor(field: (typeof LISTS)[number], value: string): string {
  if (field === 'verbs') return 'write each verb, or leave verbs out';
  if (value.startsWith('system:node:') || value.startsWith('system:nodes')) return 'write userGroups: [system:nodes]';
  const account = /^system:serviceaccounts?:([^:*]*)/.exec(value);
  if (account !== null) return `write userGroups: [system:serviceaccounts${account[1] ? `:${account[1]}` : ''}]`;
  return `write each of them, or leave ${field} out`;
}

/** Requests that have a name in their URL only by a field selector, and those that never have. */
const NAMELESS: ReadonlySet<string> = new Set(['create', 'deletecollection']);

function* checkNames({ rule, groups, data, path }: RuleView): Iterable<Finding> {
  const { verbs = [] } = rule;
  const nameless = verbs.filter((verb) => NAMELESS.has(verb));
  for (const { entry, data: written, path: at } of groups) {
    const plain = (entry.resources ?? []).filter((pattern) => !pattern.includes('/') || pattern.endsWith('/*'));
    if ((entry.resourceNames ?? []).length === 0 || plain.length === 0) continue;
    // The name of a pod is in the URL of its exec.
    const never = nameless.length === verbs.length && verbs.length > 0 && plain.length === entry.resources?.length;
    if (never || nameless.length > 0)
      yield finding(NAMES_WITHOUT_URL, valueAt(data, 'verbs', verbs.indexOf(nameless[0] ?? '')), {
        path: never ? `${at}.resourceNames` : `${path}.verbs`,
        message: `the URL of a ${list(nameless)} has no name: with resourceNames the rule never matches ${never ? 'anything' : 'it'}`,
        advice: 'give it a rule without resourceNames',
        severity: never ? 'error' : 'warning',
        related: [{ ...valueAt(written, 'resourceNames'), message: 'the names' }],
      });
    else if (verbs.length === 0)
      yield finding(NAMES_WITHOUT_URL, valueAt(written, 'resourceNames'), {
        path: `${at}.resourceNames`,
        message: 'creates, and lists without a field selector, have no name in their URL: this entry does not match them',
        advice: 'give them a rule without resourceNames, if they count',
        severity: 'info',
      });
  }
}
