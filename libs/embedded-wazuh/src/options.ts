import type { DecidedVerdict } from '@k8s-audit/rule-engine';
import type { RuleProblem } from '@k8s-audit/wazuh-rules';
import type { FileProblem } from './line-file.ts';

export interface EmbeddedWazuhOptions {
  /** A folder laid out as /var/ossec; what is missing is made. */
  readonly homeFolder: string;
  /** These rule files instead of the home's. */
  readonly ruleFiles?: readonly string[];
  /** Other places than logs/alerts/alerts.json and logs/archives/archives.json; archives `false`: none (`logall_json` no). */
  readonly alertsFile?: string;
  readonly archivesFile?: string | false;
  readonly rotation?: 'daily' | 'never';
  /** From this level on a rule alerts; 3 by default, as `<log_alert_level>`. */
  readonly alertLevel?: number;
  /** In every document; this host's name by default. */
  readonly managerName?: string;
  /** Whether to answer on queue/sockets/analysis and queue/sockets/logtest. */
  readonly controlSockets?: boolean;
  /** Each alert, after its line is written. */
  readonly onAlert?: (line: Buffer, verdict: DecidedVerdict) => void;
  readonly onEvent?: (event: EmbeddedEvent) => void;
  readonly now?: () => number;
}

/** What an operator wants to know. */
export type EmbeddedEvent =
  | FileProblem
  | {
      readonly kind: 'rules-loaded';
      readonly rules: number;
      readonly problems: readonly RuleProblem[];
      readonly unsupported: readonly string[];
    }
  | { readonly kind: 'rules-refused'; readonly problems: readonly RuleProblem[] }
  | { readonly kind: 'undecided'; readonly ruleId: number; readonly reason: string };
