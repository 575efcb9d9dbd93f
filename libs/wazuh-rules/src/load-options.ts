import type { PatternType } from './condition.ts';

export interface RuleFile {
  /** Path or name; files are loaded in the order of their base names. */
  readonly name: string;
  /** Give bytes where the file may not be UTF-8. */
  readonly text: string | Uint8Array;
}

export interface LoadOptions {
  /** CDB lists declared in ossec.conf, by path. Absent: every list exists. */
  readonly lists?: ReadonlySet<string>;
  /** Decoder names. Absent: every decoder exists. */
  readonly decoders?: ReadonlySet<string>;
  /** Compiles a pattern, to find those that Wazuh refuses. Absent: every pattern compiles. */
  readonly compilePattern?: (type: Exclude<PatternType, 'string'>, pattern: string) => PatternRefusal | undefined;
  /**
   * Rules that are loaded before these files but whose text is not at hand: ids, or `stock` for "every id below 100,000 and every
   * group that the files do not have". Rules that hang below them are in `LoadedRuleset.outside`.
   */
  readonly outsideRules?: ReadonlySet<number> | 'stock';
  /** Wazuh stops at the first refusal. `continue` goes on and tells the rest, marked as not reached. Default `stop`. */
  readonly afterRefusal?: 'stop' | 'continue';
  /** `<log_alert_level>` of ossec.conf, default 3. */
  readonly logAlertLevel?: number;
  /** `<email_alert_level>` of ossec.conf, default 12. */
  readonly emailAlertLevel?: number;
  /** Places in the tree before the loader gives up, default 200,000; the stock ruleset has 8,453. */
  readonly maxTreeNodes?: number;
}

/** `error`: Wazuh refuses the pattern too. `unsupported`: only the compiler given here cannot take it. */
export interface PatternRefusal {
  readonly kind: 'error' | 'unsupported';
  readonly reason: string;
}
