import type { WazuhEntry } from './wazuh-entry.ts';

/** Rule files by their name in etc/rules; Wazuh loads them in the order of their names. */
export type RuleFiles = ReadonlyMap<string, string>;

/** What turns datagrams into alerts: one file in backends/, chosen by `--wazuh`. */
export interface AlertBackend {
  readonly name: string;
  /** Says whether it can be used at all, before anything slow begins. Throws a `Failure` when not. */
  check(): Promise<void>;
  /** @param folder for what belongs to this run alone */
  start(folder: string, rules: RuleFiles): Promise<RunningBackend>;
}

export interface RunningBackend {
  /** A folder laid out as /var/ossec. */
  readonly home: string;
  /** The unix datagram socket that the receiver sends to. */
  readonly socketPath: string;
  /** What was written since the start, oldest first. */
  alerts(): Promise<readonly WazuhEntry[]>;
  /** Every event that arrived since the start, also those without an alert. */
  archives(): Promise<readonly WazuhEntry[]>;
  /** Ends it in order and starts it again, with the same rules. */
  restart(): Promise<void>;
  /** Ends it, or gives it back as it was found. Returns what is to be complained about. */
  stop(): Promise<readonly string[]>;
}
