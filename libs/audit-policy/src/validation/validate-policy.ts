import { LEVELS, STAGES } from '@k8s-audit/audit-events';
import type { DecodedPolicy, DecodedRule } from '../decoded-policy.ts';
import { compareVersions, type KubernetesVersion, LATEST } from '../kubernetes-version.ts';
import type { GroupResources } from '../model.ts';
import { type FieldError, invalid, notSupported, required } from './field-error.ts';

/**
 * What kube-apiserver refuses in a policy, in its order (apiserver v0.36.3 pkg/apis/audit/validation).
 * An empty list does not mean that the policy is a good one: verbs, users and names of resources are not looked at.
 */
export function validatePolicy(policy: DecodedPolicy, version: KubernetesVersion = LATEST): readonly FieldError[] {
  return [
    ...validateOmitStages(policy.omitStages, 'omitStages'),
    ...policy.rules.flatMap((rule, index) => validateRule(rule, `rules[${index}]`, version)),
  ];
}

function validateRule(rule: DecodedRule, field: string, version: KubernetesVersion): FieldError[] {
  const urls = rule.nonResourceURLs ?? [];
  const hasResources = (rule.resources ?? []).length > 0 || (rule.namespaces ?? []).length > 0;
  return [
    ...validateLevel(rule.level, `${field}.level`),
    ...urls.flatMap((url, index) => validateNonResourceUrl(url, `${field}.nonResourceURLs[${index}]`)),
    ...(rule.resources ?? []).flatMap((entry) => validateGroupResources(entry, `${field}.resources`, version)),
    ...validateOmitStages(rule.omitStages, `${field}.omitStages`),
    ...(urls.length > 0 && hasResources
      ? [invalid(`${field}.nonResourceURLs`, urls, 'rules cannot apply to both regular resources and non-resource URLs')]
      : []),
  ];
}

function validateLevel(level: string, field: string): FieldError[] {
  if (LEVELS.some((known) => known === level)) return [];
  return [level === '' ? required(field) : notSupported(field, level, LEVELS)];
}

function validateOmitStages(stages: readonly string[] | undefined, field: string): FieldError[] {
  return (stages ?? []).flatMap((stage, index) =>
    STAGES.some((known) => known === stage) ? [] : [invalid(`${field}[${index}]`, stage, `allowed stages are ${STAGES.join(',')}`)],
  );
}

function validateNonResourceUrl(url: string, field: string): FieldError[] {
  if (url === '*') return [];
  const errors: FieldError[] = [];
  if (!url.startsWith('/')) errors.push(invalid(field, url, "non-resource URL rules must begin with a '/' character"));
  if (url.slice(0, -1).includes('*'))
    errors.push(invalid(field, url, "non-resource URL wildcards '*' must be the final character of the rule"));
  return errors;
}

function validateGroupResources(entry: GroupResources, field: string, version: KubernetesVersion): FieldError[] {
  const group = entry.group ?? '';
  const isWildcard = group === '*' && compareVersions(version, WILDCARD_GROUP_SINCE) >= 0;
  const problems = group === '' || isWildcard ? [] : dnsSubdomainProblems(group);
  const names = entry.resourceNames ?? [];
  return [
    ...(problems.length > 0 ? [invalid(`${field}.group`, group, problems.join(','))] : []),
    ...(names.length > 0 && (entry.resources ?? []).length === 0
      ? [invalid(`${field}.resourceNames`, names, 'using resourceNames requires at least one resource')]
      : []),
  ];
}

/** Up to 1.35 a `*` is a group name that is not allowed. */
export const WILDCARD_GROUP_SINCE: KubernetesVersion = '1.36';

/** apimachinery pkg/util/validation IsDNS1123Subdomain. */
function dnsSubdomainProblems(name: string): string[] {
  const problems: string[] = [];
  if (Buffer.byteLength(name) > MAX_SUBDOMAIN_BYTES) problems.push(`must be no more than ${MAX_SUBDOMAIN_BYTES} characters`);
  if (!new RegExp(`^${SUBDOMAIN}$`).test(name)) problems.push(SUBDOMAIN_MESSAGE);
  return problems;
}

const MAX_SUBDOMAIN_BYTES = 253;
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with " +
  `an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;
