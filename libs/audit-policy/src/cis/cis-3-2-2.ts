import type { Level } from '@k8s-audit/audit-events';
import type { Policy } from '../model.ts';
import { type ClassObject, type Decider, decidersOf, type RequestClass } from '../reachability/deciders.ts';
import { createPolicySearch, type PolicySearch } from '../reachability/policy-search.ts';

/** One of the concerns that CIS Kubernetes Benchmark 3.2.2 names, and what a policy does about it. */
export interface CisConcern {
  readonly id: string;
  readonly title: string;
  readonly remedy: string;
  /** `partly`: not for some requesters, namespaces or names; `not-met`: there is a kind of request that is never as it should be. */
  readonly status: 'met' | 'partly' | 'not-met';
  /** An example of each rule that decides as it should. */
  readonly meeting: readonly Decider[];
  /** An example of each rule that does not, and of what no rule matches. */
  readonly failing: readonly Decider[];
}

/**
 * CIS Kubernetes Benchmark (1.6 to 1.11) 3.2.2, "Ensure that the audit policy covers key security concerns": each of them
 * is asked of the policy as requests by anybody, and answered by the rules that decide them.
 */
export function checkCis322(policy: Policy): readonly CisConcern[] {
  return askCis322(createPolicySearch(policy, { left: 60_000_000 }));
}

/** The same of a policy that others ask too. */
export function askCis322(search: PolicySearch): readonly CisConcern[] {
  return CONCERNS.map(({ id, title, remedy, requests, allowed }) => {
    const asked = requests.map((one) => {
      const deciders = decidersOf(search, one);
      return {
        meeting: deciders.filter(({ decision }) => isRecorded(decision, allowed)),
        failing: deciders.filter(({ decision }) => !isRecorded(decision, allowed)),
      };
    });
    const failing = asked.flatMap((one) => one.failing);
    const isOpen = asked.some((one) => one.failing.length > 0 && one.meeting.length === 0);
    const status = failing.length === 0 ? 'met' : isOpen ? 'not-met' : 'partly';
    return { id, title, remedy, status, meeting: asked.flatMap((one) => one.meeting), failing };
  });
}

function isRecorded({ level, omitStages }: Decider['decision'], allowed: readonly Level[]): boolean {
  // Without the answer's stage nobody knows whether it happened.
  return allowed.includes(level) && (level === 'None' || !omitStages.includes('ResponseComplete'));
}

interface Concern {
  readonly id: string;
  readonly title: string;
  readonly remedy: string;
  readonly requests: readonly RequestClass[];
  readonly allowed: readonly Level[];
}

const RECORDED: readonly Level[] = ['Metadata', 'Request', 'RequestResponse'];
const CHANGES = ['update', 'patch', 'delete', 'deletecollection'];

function resource(apiGroup: string, name: string, namespaced = true): ClassObject {
  const [base = '', subresource = ''] = name.split('/');
  return { kind: 'resource', apiGroup, resource: base, subresource, namespaced };
}

/** Each verb by itself: a rule that decides one of them need not decide the others. A create has no name in its URL. */
function eachVerb(verbs: readonly string[], objects: readonly ClassObject[]): readonly RequestClass[] {
  return objects.flatMap((object) =>
    verbs.map((verb) => ({
      verbs: [verb],
      objects: [
        object.kind === 'resource' && (verb === 'create' || verb === 'deletecollection') && object.subresource === ''
          ? { ...object, name: '' }
          : object,
      ],
    })),
  );
}

const CONCERNS: readonly Concern[] = [
  {
    id: 'secrets',
    title: 'access to secrets, at Metadata only',
    remedy: 'record secrets at Metadata for everybody, before any rule with bodies',
    requests: eachVerb(['get', 'list', 'watch', 'create', ...CHANGES], [resource('', 'secrets')]),
    allowed: ['Metadata'],
  },
  {
    id: 'configmaps-tokenreviews',
    title: 'config maps and token reviews at most at Metadata',
    remedy: 'record configmaps and tokenreviews at Metadata, before any rule with bodies',
    requests: [
      ...eachVerb(['get', 'list', 'create', 'update', 'patch'], [resource('', 'configmaps')]),
      ...eachVerb(['create'], [resource('authentication.k8s.io', 'tokenreviews', false)]),
    ],
    allowed: ['None', 'Metadata'],
  },
  {
    id: 'pod-deployment-changes',
    title: 'changes of pods and deployments',
    remedy: 'record create, update, patch, delete and deletecollection of pods and deployments at Metadata or above',
    requests: eachVerb(['create', ...CHANGES], [resource('', 'pods'), resource('apps', 'deployments')]),
    allowed: RECORDED,
  },
  {
    id: 'sessions',
    title: 'the use of pods/exec, pods/portforward, pods/proxy and services/proxy',
    remedy: 'record these subresources at Metadata or above for every verb: over a websocket an exec is a get',
    requests: eachVerb(
      ['get', 'create'],
      [resource('', 'pods/exec'), resource('', 'pods/portforward'), resource('', 'pods/proxy'), resource('', 'services/proxy')],
    ),
    allowed: RECORDED,
  },
  {
    id: 'most-requests',
    title: 'most requests at least at Metadata',
    remedy: 'end with - level: Metadata',
    requests: eachVerb(['create', 'update', 'patch', 'delete'], [resource('any-other-group.example', 'any-others')]),
    allowed: RECORDED,
  },
];
