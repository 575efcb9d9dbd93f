import { LEVELS, STAGES } from '@k8s-audit/audit-events';
import type { Data, Span } from '../../go-json/data.ts';
import { findSpan } from '../../reader/policy-source.ts';
import type { FieldError } from '../../validation/field-error.ts';
import { entryOf, finding, fixOf, type LintContext, valueAt } from '../context.ts';
import { replaceString } from '../edits.ts';
import type { Finding, FindingKind } from '../finding.ts';

export const REFUSED: FindingKind = {
  id: 'refused',
  severity: 'error',
  title: 'kube-apiserver does not start with this file',
  why: 'The file is no YAML or JSON, says that it is something else than a policy, holds a value of another type, or has no rule. kube-apiserver ends with the message shown.',
  remedy: 'Mend the place that the message names. A policy begins with `apiVersion: audit.k8s.io/v1` and `kind: Policy`.',
  example: 'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules:\n- level: Metadata\n',
};

export const INVALID_VALUE: FindingKind = {
  id: 'invalid-value',
  severity: 'error',
  title: 'a value that kube-apiserver refuses',
  why: 'The validator of kube-apiserver refuses a level or stage that there is none of, a path without a slash, a group that is no DNS name (with a version, say), names without a resource. The API server does not start.',
  remedy: 'Write one of the values that the message names.',
  example: '- level: None\n  nonResourceURLs: [healthz]\n- level: metadata\n  omitStages: [requestReceived]\n',
};

export const WILDCARD_GROUP: FindingKind = {
  id: 'wildcard-group-version',
  severity: 'error',
  title: 'group "*" before Kubernetes 1.36',
  why: 'kube-apiserver takes `group: "*"` from 1.36 on. Up to 1.35 the validator refuses it, and the API server does not start.',
  remedy:
    'Name the groups, or leave `resources` out: a rule without it holds for every group. Say with `--kubernetes-version` what the cluster runs.',
  example: '- level: Metadata\n  resources:\n  - group: "*"\n    resources: ["*/status"]\n',
  exampleVersion: '1.35',
};

export const LOADING_KINDS: readonly FindingKind[] = [REFUSED, INVALID_VALUE, WILDCARD_GROUP];

export function* checkLoading(context: LintContext): Iterable<Finding> {
  const { reading } = context;
  if (reading.kind === 'policy') {
    if (!context.versionGiven) yield* wildcardGroups(context);
    return;
  }
  for (const error of reading.errors) yield invalidValue(context, error);
  if (reading.errors.length > 0) return;
  const place = reading.place ?? { line: 1, column: 1 };
  const isVersion = /no kind "Policy" is registered for version|unknown group version field/.test(reading.message);
  const version = context.root && entryOf(context.root, 'apiVersion')?.value;
  yield finding(REFUSED, isVersion && version !== undefined ? version : { place, end: place }, {
    path: '',
    message: reading.message,
    advice: adviceFor(reading.message),
    fix:
      isVersion && version !== undefined
        ? fixOf('write apiVersion: audit.k8s.io/v1', 'stated', replaceString(context.text, version, 'audit.k8s.io/v1'))
        : undefined,
  });
}

function* wildcardGroups({ rules }: LintContext): Iterable<Finding> {
  for (const { groups } of rules)
    for (const { path, entry, data } of groups)
      if (entry.group === '*')
        yield finding(WILDCARD_GROUP, valueAt(data, 'group'), {
          path: `${path}.group`,
          message: 'Kubernetes up to 1.35 refuses group "*", and its API server does not start',
          advice: 'say with --kubernetes-version what the cluster runs, or name the groups',
          severity: 'info',
        });
}

function invalidValue(context: LintContext, error: FieldError): Finding {
  const data = dataOf(context, error);
  const meant = valueMeant(error);
  if (error.field.endsWith('.group') && error.badValue === '*')
    return finding(WILDCARD_GROUP, data, {
      path: error.field,
      message: `Kubernetes ${context.version} refuses group "*", and its API server does not start`,
      advice: 'name the groups, or leave resources out',
    });
  return finding(INVALID_VALUE, data, {
    path: error.field,
    message: `${error.field}: ${error.type === 'FieldValueRequired' ? 'it is required' : `${JSON.stringify(error.badValue)} is refused`}${error.detail === '' ? '' : `: ${error.detail}`}`,
    advice: meant === undefined ? adviceForField(error) : `write ${JSON.stringify(meant)}`,
    fix:
      meant === undefined ? undefined : fixOf(`write ${JSON.stringify(meant)}`, 'stated', replaceString(context.text, data as Data, meant)),
  });
}

/** The validator names the resources of a rule without an index; the value tells which entry it is. */
function dataOf({ rules, root }: LintContext, { field, badValue }: FieldError): Data | Span {
  const [, index, part] = /^rules\[(\d+)\]\.resources\.(group|resourceNames)$/.exec(field) ?? [];
  const entries = index === undefined ? [] : (rules[Number(index)]?.groups ?? []);
  const entry = entries.find(
    ({ entry }) => JSON.stringify(part === 'group' ? entry.group : entry.resourceNames) === JSON.stringify(badValue),
  );
  if (entry !== undefined && part !== undefined) return valueAt(entry.data, part);
  return root === undefined ? { place: { line: 1, column: 1 }, end: { line: 1, column: 1 } } : findSpan(root, field);
}

/** What somebody meant, where there is no doubt. */
function valueMeant({ field, badValue }: FieldError): string | undefined {
  if (typeof badValue !== 'string') return undefined;
  const lower = badValue.toLowerCase();
  if (field.endsWith('.level')) return LEVELS.find((level) => level.toLowerCase() === lower);
  if (/omitStages\[\d+\]$/.test(field)) return STAGES.find((stage) => stage.toLowerCase() === lower);
  if (/nonResourceURLs\[\d+\]$/.test(field)) return /^[^/*]+\*?$/.test(badValue) ? `/${badValue}` : undefined;
  if (!field.endsWith('.group')) return undefined;
  const group = lower.replace(/\/v\d+(?:(?:alpha|beta)\d+)?$/, '');
  return group !== badValue && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(group) ? group : undefined;
}

function adviceForField({ field }: FieldError): string {
  if (field.endsWith('.level')) return `give the rule a level: ${LEVELS.join(', ')}`;
  if (field.endsWith('.resourceNames')) return 'say of which resources: add resources beside resourceNames';
  if (field.endsWith('.nonResourceURLs')) return 'make two rules of it, one for resources and one for paths';
  return 'write a value that the message allows';
}

function adviceFor(message: string): string {
  if (/no kind "Policy" is registered for version|unknown group version field/.test(message))
    return 'begin the file with apiVersion: audit.k8s.io/v1 and kind: Policy';
  if (message.includes('0 rules')) return 'give it at least one rule';
  if (message.includes('cannot unmarshal'))
    return 'write a value of the type that the message names; YAML 1.1 takes yes, no, on and off for booleans: quote them';
  if (message.includes('yaml:')) return 'mend the YAML there; the line that Kubernetes names may be one off';
  return 'mend what the message names';
}
