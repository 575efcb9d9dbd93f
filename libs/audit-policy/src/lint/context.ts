import type { DecodedPolicy, DecodedRule } from '../decoded-policy.ts';
import type { Data, Entry, Span } from '../go-json/data.ts';
import type { KubernetesVersion } from '../kubernetes-version.ts';
import type { GroupResources, Policy } from '../model.ts';
import { candidatesOf } from '../reachability/candidates.ts';
import type { Cover } from '../reachability/cover.ts';
import type { PolicySearch } from '../reachability/policy-search.ts';
import type { PolicyReading } from '../reader/read-policy.ts';
import type { Finding, FindingKind, Fix, Related } from './finding.ts';
import type { SourceText } from './source-text.ts';

/** What every check looks at. */
export interface LintContext {
  readonly text: SourceText;
  readonly reading: PolicyReading;
  /** The document; undefined when it is no YAML or JSON. */
  readonly root: Data | undefined;
  /** As decoded, valid or not; undefined when it did not come that far. */
  readonly decoded: DecodedPolicy | undefined;
  readonly rules: readonly RuleView[];
  /** Present when kube-apiserver loads it. */
  readonly policy: Policy | undefined;
  /** The same, to be asked about. */
  readonly search: PolicySearch | undefined;
  readonly version: KubernetesVersion;
  /** False: the newest was taken because nobody said which. */
  readonly versionGiven: boolean;
  /** Whether the rules before it leave a rule anything; one for each rule of `policy`. */
  readonly covers: () => readonly Cover[];
}

/** A rule beside what is written of it. */
export interface RuleView {
  readonly index: number;
  readonly path: string;
  readonly rule: DecodedRule;
  readonly data: Data;
  readonly groups: readonly GroupView[];
}

/** One entry of a rule's `resources`. */
export interface GroupView {
  readonly path: string;
  readonly entry: GroupResources;
  readonly data: Data;
}

/** A check of one family of findings. */
export type LintCheck = (context: LintContext) => Iterable<Finding>;

export function ruleViews(decoded: DecodedPolicy | undefined, root: Data | undefined): readonly RuleView[] {
  if (decoded === undefined || root === undefined) return [];
  const list = entryOf(root, 'rules')?.value;
  return decoded.rules.map((rule, index) => {
    const data = itemOf(list, index) ?? list ?? root;
    const groups = entryOf(data, 'resources')?.value;
    return {
      index,
      path: `rules[${index}]`,
      rule,
      data,
      groups: (rule.resources ?? []).map((entry, at) => ({
        path: `rules[${index}].resources[${at}]`,
        entry,
        data: itemOf(groups, at) ?? groups ?? data,
      })),
    };
  });
}

export function createCovers(search: PolicySearch | undefined): () => readonly Cover[] {
  let covers: readonly Cover[] | undefined;
  return () => {
    covers ??= (search?.policy.rules ?? []).map((rule, index) => search?.coverBefore(candidatesOf(rule, search.unnamed), index) ?? UNKNOWN);
    return covers;
  };
}

const UNKNOWN: Cover = { kind: 'unknown' };

export function entryOf(data: Data, key: string): Entry | undefined {
  return data.kind === 'object' ? data.entries.findLast((entry) => entry.key === key) : undefined;
}

export function itemOf(data: Data | undefined, index: number): Data | undefined {
  return data?.kind === 'array' ? data.items[index] : undefined;
}

/** Where a value of a list field stands, or as near to it as there is something. */
export function valueAt(owner: Data, field: string, index?: number): Data {
  const value = entryOf(owner, field)?.value;
  return (index === undefined ? undefined : itemOf(value, index)) ?? value ?? owner;
}

/** The name of a field; of a rule without it the rule's first line. */
export function keyAt(owner: Data, field: string): Span {
  const entry = entryOf(owner, field);
  return entry === undefined ? headOf(owner) : { place: entry.keyPlace, end: entry.keyEnd };
}

/** The first entry of an object: a rule is pointed at where it begins. */
export function headOf(data: Data): Span {
  if (data.kind !== 'object') return { place: data.place, end: data.end };
  const first = data.entries.find(({ keyPlace }) => keyPlace.line === data.place.line && keyPlace.column === data.place.column);
  return first === undefined || first.value.end.line !== data.place.line
    ? { place: data.place, end: first?.keyEnd ?? data.place }
    : { place: data.place, end: first.value.end };
}

export interface FindingParts {
  readonly path: string;
  readonly message: string;
  readonly advice: string;
  readonly related?: readonly Related[];
  readonly fix?: Fix | undefined;
  /** Where a kind is worse or better than usual. */
  readonly severity?: Finding['severity'];
}

export function finding(kind: FindingKind, { place, end }: Span, parts: FindingParts): Finding {
  const { path, message, advice, related = [], fix, severity = kind.severity } = parts;
  return { id: kind.id, severity, place, end, path, message, advice, related, fix };
}

/** A fix, if its edits could be made. */
export function fixOf(title: string, meaning: Fix['meaning'], edits: Fix['edits'] | undefined): Fix | undefined {
  return edits === undefined ? undefined : { title, meaning, edits };
}
