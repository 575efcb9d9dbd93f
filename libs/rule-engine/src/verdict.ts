import type { Rule } from '@k8s-audit/wazuh-rules';
import type { DecoderName } from './event/json-decoder.ts';

/** What wazuh-analysisd would make of one message. */
export type Verdict = DecidedVerdict | UndecidedVerdict | RefusedVerdict | OtherQueueVerdict;

/** What is known of every message that is an event. Documents are made when asked for, as bytes, because values need not be UTF-8. */
export interface EventView {
  /** Undefined: no decoder took it, so it has no fields. */
  readonly decoder: DecoderName | undefined;
  /** As rules see it: `k8s`, `(prod-eu) audit->k8s`. */
  readonly location: string;
  readonly agentId: string;
  /** `000`'s agent is the manager itself. */
  readonly hostname: string;
  readonly receivedMs: number;
  /** Decoded fields in document order, without the static ones; an array is its printed text. */
  fields(): readonly (readonly [name: string, value: string])[];
  /** The alert's `data` as JSON text; undefined when there is none. */
  dataJson(): string | undefined;
  /** The line of archives.json, without its newline. `fileOffset`: the size of the file so far, part of the alert's id. */
  archiveJson(fileOffset?: number): Buffer;
  /** What the logtest protocol answers as `output`: the alert with a level-0 rule too. */
  logtestJson(fileOffset?: number): Buffer;
}

export interface DecidedVerdict extends EventView {
  readonly kind: 'decided';
  /** The rule that matched, also one of level 0, or one that is being ignored; undefined: none. */
  readonly rule: Rule | undefined;
  /** The rule's description with its fields filled in. */
  readonly description: string | undefined;
  /** It goes to alerts.json. */
  readonly alerted: boolean;
  /** The rule that matched has fired less than its `ignore` seconds ago: nothing of it is told. */
  readonly isIgnored: boolean;
  /** How often the rule has matched since the engine was made. */
  readonly firedTimes: number;
  /** The line of alerts.json, without its newline. Undefined when it is not alerted. */
  alertJson(fileOffset?: number): Buffer | undefined;
}

/** The engine does not know: a pattern used up the steps granted for one event, or a rule asks what the engine cannot tell. */
export interface UndecidedVerdict extends EventView {
  readonly kind: 'undecided';
  /** The rule that was being tried. */
  readonly rule: Rule;
  readonly reason: string;
}

/** wazuh-analysisd drops it with an error line of this number. */
export interface RefusedVerdict {
  readonly kind: 'refused';
  readonly code: '1106' | '1222';
  readonly reason: string;
}

/** Meant for another part of wazuh-analysisd: syscheck, SCA, inventory. */
export interface OtherQueueVerdict {
  readonly kind: 'other-queue';
  readonly queue: string;
}
