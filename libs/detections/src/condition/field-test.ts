/**
 * The language of conditions: a list of tests on fields of the wire event, which must all hold. It is no more than what one Wazuh
 * rule can say, so that the rule and `evaluate` cannot drift apart; an alternative is a second detection or an escalation.
 *
 * A test on a field that the event does not have is unknown, negated or not: a body that the audit level left out is not an empty one.
 */
export type Condition = readonly FieldTest[];

export type FieldTest =
  /** The text is one of these, letter by letter. */
  | { readonly op: 'is'; readonly field: WireField; readonly values: readonly string[] }
  /** It is none of these. Only on fields that every event has: on others Wazuh could never say so. */
  | { readonly op: 'is-not'; readonly field: AlwaysPresentField; readonly values: readonly string[] }
  /** The pattern is found in it. */
  | { readonly op: 'matches'; readonly field: WireField; readonly pattern: Pattern }
  | { readonly op: 'matches-not'; readonly field: AlwaysPresentField; readonly pattern: Pattern };

/**
 * A regular expression that PCRE2 and JavaScript understand alike, on bytes: printable ASCII without `<` (which a Wazuh rule file
 * cannot hold), no look-behind, no names, no classes beyond `\d`.
 */
export type Pattern = string;

/**
 * Fields of `k8s` that hold one text in every wire event, version 1; `user.username` in every one whose sender was authenticated,
 * so do not ask what it is not where the outcome may be `unauthenticated`.
 */
export type AlwaysPresentField = 'schema' | 'cluster' | 'action' | 'outcome' | 'actor' | 'requestURI' | 'excepted' | 'user.username';

/** The fields that a condition may ask for, without the `k8s.` in front. */
export type WireField =
  | AlwaysPresentField
  | 'level'
  | 'stage'
  | 'verb'
  | 'impersonatedUser.username'
  | 'userAgent'
  | 'objectRef.resource'
  | 'objectRef.subresource'
  | 'objectRef.namespace'
  | 'objectRef.name'
  | 'objectRef.apiGroup'
  | 'responseStatus.code'
  | 'responseStatus.reason'
  /** What the authorizer said, `allow` or `forbid`; absent where it was not asked. */
  | 'decision'
  | `facts.${string}`;

export function is(field: WireField, ...values: readonly string[]): FieldTest {
  return { op: 'is', field, values };
}

export function isNot(field: AlwaysPresentField, ...values: readonly string[]): FieldTest {
  return { op: 'is-not', field, values };
}

export function matches(field: WireField, pattern: Pattern): FieldTest {
  return { op: 'matches', field, pattern };
}

export function matchesNot(field: AlwaysPresentField, pattern: Pattern): FieldTest {
  return { op: 'matches-not', field, pattern };
}
