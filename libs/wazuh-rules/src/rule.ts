import type { Condition } from './condition.ts';

/**
 * A rule as an author thinks of it: everything that a rule file can say about one rule, and nothing about where it was read.
 * `renderRuleFile` writes it, `loadRules` reads it back as a `Rule`, which only adds to it.
 */
export interface RuleDefinition {
  /** 1..999999; below 10 are templates, which stand at the top of the tree. */
  readonly id: number;
  /** 0..16; 0 is tried first and never alerts. */
  readonly level: number;
  /** May hold `$(field)`; the engine fills it in for each alert. */
  readonly description: string;
  /** `<group>` elements of the rule itself, joined: `pci_dss_10.2.7,tsc_CC6.8,`. The enclosing `<group name>` comes before it. */
  readonly group?: string;
  readonly parents: Parents;
  /** In the order in which Wazuh checks them: fields in the order of the file, the others in a fixed order (`CONDITION_ORDER`). */
  readonly conditions: readonly Condition[];
  /** Present: earlier events are needed too. */
  readonly correlation?: Correlation;
  /** A container: when no child matches, the search goes on with the next sibling. */
  readonly noalert?: boolean;
  /** `accuracy="0"`: tried after all siblings. */
  readonly inaccurate?: boolean;
  /** Seconds in which the rule does not fire again after it fired (attribute `ignore`). */
  readonly ignoreSeconds?: number;
  readonly overwrite?: boolean;
  /** One `<options>` element each, in order. */
  readonly options?: readonly RuleOption[];
  readonly mitre?: Mitre;
  readonly info?: readonly Info[];
  /** `<ignore>`: fields of the events that this rule puts on the ignore list. */
  readonly ignoreFields?: readonly string[];
  /** `<check_if_ignored>`: fields by which an event is looked up in the ignore list. */
  readonly checkIfIgnoredFields?: readonly string[];
}

/** Under which rules this one is tried. An event reaches a rule only through a parent that matched. */
export type Parents =
  /** `<if_sid>`; for a composite rule without it the rule that it counts. */
  | { readonly kind: 'sid'; readonly ids: readonly number[] }
  /** `<if_group>`: all rules loaded before, whose group text holds this text; `|` means or, `^` the beginning. */
  | { readonly kind: 'group'; readonly text: string }
  /** `<if_level>`: all rules loaded before, of this level or more (level 0 counts as more). */
  | { readonly kind: 'level'; readonly level: number }
  /** None of them: the template of the category. */
  | { readonly kind: 'category'; readonly category: Category }
  /** Id below 10: at the top of the tree. */
  | { readonly kind: 'template'; readonly category: Category };

export type Category = 'firewall' | 'ids' | 'syslog' | 'web-log' | 'squid' | 'windows' | 'ossec';

/** The static fields that two events can be compared by (`same_…`, `different_…`, `not_same_…`). */
export type ComparedField =
  | 'srcip'
  | 'id'
  | 'dstip'
  | 'srcport'
  | 'dstport'
  | 'srcuser'
  | 'user'
  | 'protocol'
  | 'action'
  | 'url'
  | 'data'
  | 'extra_data'
  | 'status'
  | 'system_name'
  | 'srcgeoip'
  | 'dstgeoip'
  | 'location';

export interface Correlation {
  readonly ifMatchedSid?: number;
  /** OSMatch on the group text. */
  readonly ifMatchedGroup?: string;
  /** OSRegex on the message. */
  readonly ifMatchedRegex?: string;
  /** The rule fires on the N-th event: at least 2, which is also what no attribute means. Wazuh itself stores N - 2. */
  readonly frequency: number;
  readonly timeframeSeconds: number;
  readonly same: readonly ComparedField[];
  readonly different: readonly ComparedField[];
  /** `<same_field>`: names of decoded fields. */
  readonly sameFields: readonly string[];
  /** `<different_field>` and `<not_same_field>`. */
  readonly differentFields: readonly string[];
  /** `<global_frequency />`: events of other agents count too. */
  readonly globalFrequency: boolean;
}

export type RuleOption = 'alert_by_email' | 'no_email_alert' | 'log_alert' | 'no_log' | 'no_ar' | 'no_full_log' | 'no_counter';

export interface Mitre {
  /** `<id>`; the form that everybody uses. */
  readonly ids: readonly string[];
  /** `<tacticID>` with `<techniqueID>`; never together with `ids`. */
  readonly pairs: readonly { readonly tacticId: string; readonly techniqueId: string }[];
}

/** `<info>` and `<cve>`, in order. */
export interface Info {
  readonly type: 'text' | 'link' | 'cve' | 'osvdb';
  readonly text: string;
  readonly element: 'info' | 'cve';
}

/** A rule as Wazuh holds it after loading; what `overwrite` changed is changed. */
export interface Rule extends RuleDefinition {
  /** Where its first byte stands; an overwritten rule: where the last overwrite stands. */
  readonly place: Place;
  /** The enclosing group's name and `group`, concatenated without a separator, as Wazuh does it. */
  readonly groupText: string;
  /** `groupText` cut at commas, empty ones left out, not trimmed. */
  readonly groups: readonly string[];
  /** By which siblings were sorted when it was added: level times 100, level 0 is 9900. */
  readonly sortLevel: number;
  /** `options` applied to what the level asks for. */
  readonly alert: AlertOptions;
  /** Which earlier events count; only with `correlation`. */
  readonly search?: Search;
  /** All `<info>` texts concatenated: the alert's `rule.info`. */
  readonly infoText?: string;
  /** All `<cve>` texts concatenated: the alert's `rule.cve`. */
  readonly cveText?: string;
}

export interface AlertOptions {
  /** The alert's `rule.mail`. */
  readonly mail: boolean;
  /** It goes to alerts.json. */
  readonly log: boolean;
  readonly noActiveResponse: boolean;
  readonly noFullLog: boolean;
  readonly noCounter: boolean;
}

/**
 * The list of earlier events that a composite rule searches. It was fixed when the rule was loaded: rules loaded later never
 * feed it. `none`: an overwrite took the search away, the rule then fires as an ordinary child.
 */
export type Search =
  | { readonly kind: 'sid'; readonly sourceIds: readonly number[] }
  | { readonly kind: 'group'; readonly sourceIds: readonly number[] }
  /** `if_matched_regex` alone: all events. */
  | { readonly kind: 'events' }
  | { readonly kind: 'none' };

/** A place in a rule file: line and column from 1, the column in characters. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
