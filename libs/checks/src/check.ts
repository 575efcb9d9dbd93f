/** The parts of the doctor's report, in its order. */
export const CATEGORIES = {
  platform: 'Platform',
  certificates: 'Certificates',
  receiver: 'Receiver',
  'api-server': 'API server',
  wazuh: 'Wazuh server',
  rules: 'Rules',
  archive: 'Archive and index',
  canary: 'The way of an event',
  compliance: 'CIS Kubernetes Benchmark',
} as const;

export type Category = keyof typeof CATEGORIES;

/** One question that the doctor asks. It stands beside what it checks, and knows how to ask: I/O is handed to it by its maker. */
export interface Check extends CheckText {
  run(): Promise<Finding>;
  /** Mends what `run` complained about, where that is safe. Returns what it did, in one line. */
  readonly fix?: () => Promise<string>;
}

/** What stands in docs/reference/doctor.md about a check. */
export interface CheckText {
  /** `webhook-port`: stable, the anchor of its entry in the reference. */
  readonly id: string;
  readonly category: Category;
  /** True when all is well: “the receiver's port can be reached”. */
  readonly statement: string;
  /** What it means when it is not, for the reference page. */
  readonly why: string;
  /** Ids of checks that must not have failed; otherwise this one is skipped, and says so. */
  readonly needs?: readonly string[];
  /** Asked before an installation too (`--pre`). */
  readonly isPre?: boolean;
}

/** An answer. What is no `ok` carries what was seen and what to do, in that order. */
export type Finding =
  | { readonly kind: 'ok'; readonly seen?: string }
  | { readonly kind: 'warning' | 'failure'; readonly seen: string; readonly next: string }
  /** Cannot be told here, or does not apply: never counted as good. */
  | { readonly kind: 'skipped'; readonly seen: string };

export interface CheckResult {
  readonly check: CheckText;
  readonly finding: Finding;
  /** What `fix` did, when it was asked to. */
  readonly fixed?: string;
}
