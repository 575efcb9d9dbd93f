import { finding, fixOf, type LintContext, type RuleView, valueAt } from '../context.ts';
import { replaceString } from '../edits.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { nearest } from '../nearest.ts';
import { list, quoted } from '../wording.ts';

export const UNKNOWN_VERB: FindingKind = {
  id: 'unknown-verb',
  severity: 'error',
  title: 'a verb that no request has',
  why: 'kube-apiserver does not look at verbs. Requests for resources have get, list, watch, create, update, patch, delete or deletecollection (a POST is a create, a PUT an update); other paths have the HTTP method in lower case. `use`, `bind`, `impersonate` and the like are only asked of authorization, and an exec is a create or, over a websocket, a get of pods/exec.',
  remedy: 'Write the verb of the request; match sessions by their subresource and no verb.',
  example: '- level: Request\n  verbs: [GET, post, exec]\n  resources:\n  - group: ""\n    resources: [pods]\n- level: Metadata\n',
};

export const VERB_KINDS: readonly FindingKind[] = [UNKNOWN_VERB];

/** `proxy` is the verb of the old paths /api/v1/proxy/…, the empty one that of OPTIONS. */
const RESOURCE_VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'proxy', ''];
const PATH_VERBS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'connect', 'trace'];

const AUTHORIZATION_VERBS: ReadonlySet<string> = new Set([
  'use',
  'bind',
  'escalate',
  'impersonate',
  'approve',
  'sign',
  'attest',
  'request-serviceaccounts-token-audience',
]);
const SESSIONS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'log', 'logs', 'connect']);

const RESOURCE_MEANT: Readonly<Record<string, string>> = {
  post: 'create',
  put: 'update',
  head: 'get',
  edit: 'update',
  read: 'get',
  remove: 'delete',
};
const PATH_MEANT: Readonly<Record<string, string>> = { create: 'post', update: 'put', list: 'get', watch: 'get' };

export function* checkVerbs({ rules, text }: LintContext): Iterable<Finding> {
  for (const rule of rules)
    for (const [index, verb] of (rule.rule.verbs ?? []).entries()) {
      const { known, meaning } = knownVerbs(rule);
      if (known.includes(verb) || verb.includes('*')) continue;
      const lower = verb.toLowerCase();
      const meant = known.includes(lower) ? lower : (meaning[lower] ?? nearest(lower, known));
      const value = valueAt(rule.data, 'verbs', index);
      const isThere = meant !== undefined && rule.rule.verbs?.includes(meant) === true;
      yield finding(UNKNOWN_VERB, value, {
        path: `${rule.path}.verbs[${index}]`,
        message: `no request ${onWhat(rule)} has the verb ${quoted(verb)}`,
        advice: isThere ? `take it out: ${meant} is there` : adviceFor(lower, meant, known),
        fix:
          meant === undefined || isThere
            ? undefined
            : fixOf(`write ${meant} for ${quoted(verb)}`, 'stated', replaceString(text, value, meant)),
      });
    }
}

function knownVerbs({ rule }: RuleView): { readonly known: readonly string[]; readonly meaning: Readonly<Record<string, string>> } {
  if (isOnResources(rule)) return { known: RESOURCE_VERBS, meaning: RESOURCE_MEANT };
  if ((rule.nonResourceURLs ?? []).length > 0) return { known: PATH_VERBS, meaning: PATH_MEANT };
  return { known: [...RESOURCE_VERBS, ...PATH_VERBS], meaning: {} };
}

function isOnResources({ resources = [], namespaces = [] }: RuleView['rule']): boolean {
  return resources.length > 0 || namespaces.length > 0;
}

function onWhat({ rule }: RuleView): string {
  if (isOnResources(rule)) return 'for a resource';
  return (rule.nonResourceURLs ?? []).length > 0 ? 'for a path that is no resource' : 'at all';
}

function adviceFor(verb: string, meant: string | undefined, known: readonly string[]): string {
  if (SESSIONS.has(verb))
    return `match the subresource instead, as in pods/${verb === 'logs' ? 'log' : verb === 'connect' ? 'exec' : verb}, and no verb: over a websocket it is a get`;
  if (AUTHORIZATION_VERBS.has(verb)) return 'it is only asked of authorization; match the request that needs it';
  return meant === undefined
    ? `verbs are ${list(
        known.filter((name) => name !== ''),
        12,
      )}`
    : `write ${meant}`;
}
