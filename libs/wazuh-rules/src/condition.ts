/**
 * What a rule asks of an event. All conditions of a rule must hold, and a condition on something that the event does not
 * have never holds, negated or not (wazuh v4.14.7 src/analysisd/rules.c, OS_CheckIfRuleMatch).
 */

/** The three expression languages, and `string`: exact and case-sensitive, which only `<action>` has, by default. */
export type PatternType = 'osregex' | 'osmatch' | 'pcre2' | 'string';

export interface Pattern {
  readonly type: PatternType;
  /** As the loader hands it to the compiler: repeats concatenated, variables replaced, entities untouched. Matched as UTF-8 bytes. */
  readonly text: string;
  readonly negate: boolean;
}

/** Names that only a decoder sets; `<field>` cannot reach them. `user` is the dstuser, or else the srcuser. */
export type StaticField =
  | 'program_name'
  | 'id'
  | 'system_name'
  | 'protocol'
  | 'action'
  | 'url'
  | 'srcport'
  | 'dstport'
  | 'user'
  | 'srcgeoip'
  | 'dstgeoip'
  | 'data'
  | 'extra_data'
  | 'hostname'
  | 'status';

/** What `<list field="…">` looks up by: these, or any other name for a dynamic field. */
export type ListStaticField = Exclude<StaticField, 'srcgeoip' | 'dstgeoip'> | 'srcip' | 'dstip';

export type ListLookup =
  | 'match_key'
  | 'not_match_key'
  | 'match_key_value'
  | 'address_match_key'
  | 'not_address_match_key'
  | 'address_match_key_value';

export type Condition =
  /** `<decoded_as>`: the decoder's name, exact. */
  | { readonly kind: 'decoder'; readonly name: string }
  /** `<match>` and `<regex>`: the whole message after the predecoder. */
  | { readonly kind: 'log'; readonly element: 'match' | 'regex'; readonly pattern: Pattern }
  /** `<location>`: where the message came from, without the agent's number: `(agent) ip->k8s`. */
  | { readonly kind: 'location'; readonly pattern: Pattern }
  | { readonly kind: 'static'; readonly field: StaticField; readonly pattern: Pattern }
  /** `<field name="…">`: a decoded field; names compare case-insensitively, the first of that name counts. */
  | { readonly kind: 'field'; readonly name: string; readonly pattern: Pattern }
  /** `<srcip>`, `<dstip>`: one of the networks holds the address; each is `any`, an address, address/prefix or IPv4/mask. */
  | { readonly kind: 'address'; readonly field: 'srcip' | 'dstip'; readonly networks: readonly string[]; readonly negate: boolean }
  /** `maxsize`, despite its name: the message has at least this many bytes. */
  | { readonly kind: 'size'; readonly minBytes: number }
  /** `<time>`, as written; Wazuh's local time. */
  | { readonly kind: 'time'; readonly text: string }
  /** `<weekday>`, as written; Wazuh's local time. */
  | { readonly kind: 'weekday'; readonly text: string }
  /** `<compiled_rule>`: a function built into wazuh-analysisd. */
  | { readonly kind: 'compiled'; readonly name: string }
  /** `<check_diff>`: the message differs from the last one of this rule. */
  | { readonly kind: 'diff' }
  /** `<if_fts>`: the decoder sees this combination for the first time. */
  | { readonly kind: 'first-seen' }
  /** `<list>`: a CDB list, looked up by a field. */
  | ListCondition;

export interface ListCondition {
  readonly kind: 'list';
  readonly field: { readonly kind: 'static'; readonly name: ListStaticField } | { readonly kind: 'dynamic'; readonly name: string };
  readonly lookup: ListLookup;
  /** Path as written: `etc/lists/k8s-users`. */
  readonly list: string;
  /** `check_value`: OSMatch on the value found; only the `…_value` lookups use it. */
  readonly checkValue?: string;
}
