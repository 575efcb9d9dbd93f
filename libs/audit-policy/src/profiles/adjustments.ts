import type { Level } from '@k8s-audit/audit-events';
import { groupResourcesMatch } from '../evaluation/rule-match.ts';
import type { GroupResources, PolicyRule, RequestAttributes } from '../model.ts';
import type { ReasonedRule } from './profile.ts';
import { AUTHENTICATED, CREDENTIALS } from './subjects.ts';

/** What is recorded besides a profile, and what is not although the profile would. */
export interface Adjustments {
  readonly include: readonly Inclusion[];
  readonly exclude: readonly Subject[];
}

/** Whom or what it is about. */
export type Subject =
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'resource'; readonly name: string; readonly resource: GroupResources };

export interface Inclusion {
  readonly subject: Subject;
  readonly level: Exclude<Level, 'None'>;
}

/**
 * Rules that stand before those of a profile. What is included comes first: where one option includes and another
 * excludes, it is recorded. Bodies of credentials are not, whatever is included; failed authentication and the anonymous
 * user are, whatever is excluded.
 */
export function adjustmentRules({ include, exclude }: Adjustments): readonly ReasonedRule[] {
  return [
    ...inclusionRules(include),
    ...KINDS.flatMap((kind): readonly ReasonedRule[] => {
      const subjects = exclude.filter((subject) => subject.kind === kind);
      if (subjects.length === 0) return [];
      const rule: PolicyRule = { level: 'None', ...(kind === 'user' ? {} : { userGroups: AUTHENTICATED }), ...conditionOf(kind, subjects) };
      return [{ why: `Excluded: ${describe(kind, subjects)}. ${NOT_SEEN[kind]}`, rule }];
    }),
  ];
}

/** Whether a resource's bodies are, or may hold, credentials: above Metadata no profile records it. */
export function isCredential({ group = '', resources = [] }: GroupResources): boolean {
  return resources.some((pattern) => {
    const [resource = '', subresource = ''] = pattern.split('/');
    const samples = subresource === '*' ? CREDENTIAL_SUBRESOURCES : [subresource];
    return samples.some((sample) =>
      CREDENTIALS.some((entry) => groupResourcesMatch(entry, { ...SAMPLE, apiGroup: group, resource, subresource: sample })),
    );
  });
}

const KINDS = ['user', 'namespace', 'resource'] as const;

/** What lint warns of, and was asked for. */
const WHOLE_LISTS = '\nk8s-audit: ignore whole-lists-recorded: asked for';

const NOT_SEEN: Readonly<Record<Subject['kind'], string>> = {
  user: 'Nothing that they do is seen, also when somebody else has their credentials.',
  namespace: 'Nothing that happens there is seen, sessions and secrets included.',
  resource: 'Nobody sees who reads or writes it.',
};

function inclusionRules(include: readonly Inclusion[]): readonly ReasonedRule[] {
  const levels = ['RequestResponse', 'Request', 'Metadata'] as const;
  const groups = levels.flatMap((level) =>
    KINDS.map((kind) => ({
      level,
      kind,
      subjects: include.filter((one) => one.level === level && one.subject.kind === kind).map(({ subject }) => subject),
    })),
  );
  return groups
    .filter(({ subjects }) => subjects.length > 0)
    .flatMap(({ level, kind, subjects }): readonly ReasonedRule[] => {
      const condition = conditionOf(kind, subjects);
      const rule: ReasonedRule = {
        why: `Included at ${level}: ${describe(kind, subjects)}.${level === 'RequestResponse' ? WHOLE_LISTS : ''}`,
        rule: { level, ...condition },
      };
      if (level === 'Metadata' || kind === 'resource') return [rule];
      const guard: ReasonedRule = {
        why: `Credentials keep their bodies to themselves, also of the ${kind === 'user' ? 'users' : 'namespaces'} of the next rule.`,
        // Those of other groups are in no namespace.
        rule: {
          level: 'Metadata',
          resources: kind === 'user' ? CREDENTIALS : CREDENTIALS.filter(({ group }) => group === ''),
          ...condition,
        },
      };
      return [guard, rule];
    });
}

function conditionOf(kind: Subject['kind'], subjects: readonly Subject[]): Partial<PolicyRule> {
  if (kind === 'user') return { users: subjects.map(({ name }) => name) };
  if (kind === 'namespace') return { namespaces: subjects.map(({ name }) => name) };
  return { resources: subjects.flatMap((subject) => (subject.kind === 'resource' ? [subject.resource] : [])) };
}

function describe(kind: Subject['kind'], subjects: readonly Subject[]): string {
  return `${kind}${subjects.length === 1 ? '' : 's'} ${subjects.map(({ name }) => name).join(', ')}`;
}

const CREDENTIAL_SUBRESOURCES: readonly string[] = CREDENTIALS.flatMap(({ resources = [] }) =>
  resources.map((pattern) => pattern.split('/')[1] ?? ''),
);

const SAMPLE: RequestAttributes = {
  user: null,
  verb: 'get',
  resourceRequest: true,
  path: '',
  namespace: '',
  apiGroup: '',
  apiVersion: 'v1',
  resource: '',
  subresource: '',
  name: '',
};
