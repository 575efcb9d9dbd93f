import type { Place, Span } from '../go-json/data.ts';

/** error: the policy does not do what it says, or is refused. warning: it does, and somebody will be sorry. info: worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** A kind of finding, as the reference page describes it. */
export interface FindingKind {
  /** As in `# k8s-audit: ignore ID`, and the heading of the page: `unreachable-rule`. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  /** What kube-apiserver does, and why that is bad. */
  readonly why: string;
  readonly remedy: string;
  /** Rules of a policy that has it, or a whole document. Every example is linted by a test. */
  readonly example: string;
  /** Whose rules the example needs; the newest without it. */
  readonly exampleVersion?: `${number}.${number}`;
}

/** What a check has found in one policy. */
export interface Finding extends Span {
  readonly id: string;
  readonly severity: Severity;
  /** `rules[3].resources[0].verbs`; empty: the document. */
  readonly path: string;
  /** What is wrong here, in one sentence with the names at hand. */
  readonly message: string;
  /** What to do about it here. */
  readonly advice: string;
  /** Other places that belong to it: the rules that shadow, the entry that counts. */
  readonly related: readonly Related[];
  readonly fix: Fix | undefined;
}

export interface Related extends Span {
  readonly message: string;
}

export interface Fix {
  /** `move verbs to the rule`. */
  readonly title: string;
  /**
   * `same`: no request is recorded otherwise than before. `stated`: what the title says changes what is recorded, to
   * what the text meant.
   */
  readonly meaning: 'same' | 'stated';
  /** They do not overlap. */
  readonly edits: readonly Edit[];
}

/** What stands there is replaced; `place` and `end` being the same, the text is put in between. */
export interface Edit extends Span {
  readonly text: string;
}

/** For sorting by where things stand. */
export function comparePlaces(a: Place, b: Place): number {
  return a.line - b.line || a.column - b.column;
}
