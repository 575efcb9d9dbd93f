import type { Rule } from '@k8s-audit/wazuh-rules';
import { type ByteString, textOf } from './byte-string.ts';
import { type DocumentSettings, dataOf, printDocument } from './document/alert-document.ts';
import type { EngineEvent } from './event/engine-event.ts';
import type { DecoderName } from './event/json-decoder.ts';
import type { CompiledRule } from './rules/compiled-rule.ts';
import type { LastEvents } from './rules/event-memory.ts';
import type { DecidedVerdict, EventView, UndecidedVerdict } from './verdict.ts';

/** What the rules found, as far as documents tell it. */
export interface Found {
  readonly compiled: CompiledRule;
  readonly firedTimes: number;
  readonly lastEvents: LastEvents;
  /** The rule that matched is within its `ignore` time. */
  readonly isIgnored?: boolean;
}

/** Everything that can be asked of a verdict is made when it is asked: most events are forgotten at once. */
class VerdictView implements EventView {
  protected readonly event: EngineEvent;
  protected readonly found: Found | undefined;
  private readonly settings: DocumentSettings;
  private printedData: { readonly text: ByteString | undefined } | undefined;

  constructor(event: EngineEvent, found: Found | undefined, settings: DocumentSettings) {
    this.event = event;
    this.found = found;
    this.settings = settings;
  }

  get decoder(): DecoderName | undefined {
    return this.event.decoder;
  }
  get receivedMs(): number {
    return this.event.receivedMs;
  }
  get location(): string {
    return textOf(this.event.location);
  }
  get agentId(): string {
    return textOf(this.event.agentId);
  }
  get hostname(): string {
    return textOf(this.event.hostname);
  }

  fields(): readonly (readonly [string, string])[] {
    const { fields } = this.event;
    return Array.from(
      { length: fields.size },
      (_, position) => [textOf(fields.nameAt(position)), textOf(fields.valueAt(position))] as const,
    );
  }

  dataJson(): string | undefined {
    const data = this.data();
    return data === undefined ? undefined : textOf(data);
  }

  archiveJson(fileOffset = 0): Buffer {
    // Nothing of a level-0 rule reaches the archive.
    const isTold = this.found !== undefined && this.found.compiled.rule.level > 0;
    return this.print(isTold ? this.found : undefined, { forcesFullLog: true, fileOffset });
  }

  logtestJson(fileOffset = 0): Buffer {
    return this.print(this.found, { forcesFullLog: false, fileOffset, tellsLevelZero: true });
  }

  /** Printed once for all documents: it is most of the work. */
  private data(): ByteString | undefined {
    if (this.printedData === undefined) {
      const data = dataOf(this.event);
      this.printedData = { text: data.isEmpty ? undefined : data.print() };
    }
    return this.printedData.text;
  }

  protected print(
    found: Found | undefined,
    how: { readonly forcesFullLog: boolean; readonly fileOffset: number; readonly tellsLevelZero?: boolean },
  ): Buffer {
    const rule =
      found === undefined
        ? undefined
        : {
            rule: found.compiled.rule,
            firing: {
              description: found.compiled.describe(this.event),
              firedTimes: found.firedTimes,
              tellsLevelZero: how.tellsLevelZero === true,
            },
            lastEvents: found.lastEvents,
          };
    const document = printDocument(
      { event: this.event, data: this.data(), rule, forcesFullLog: how.forcesFullLog, fileOffset: how.fileOffset },
      this.settings,
    );
    return Buffer.from(document, 'latin1');
  }
}

export class DecidedEvent extends VerdictView implements DecidedVerdict {
  readonly kind = 'decided';
  readonly alerted: boolean;

  constructor(event: EngineEvent, found: Found | undefined, alerted: boolean, settings: DocumentSettings) {
    super(event, found, settings);
    this.alerted = alerted;
  }

  get rule(): Rule | undefined {
    return this.found?.compiled.rule;
  }
  get isIgnored(): boolean {
    return this.found?.isIgnored === true;
  }
  get firedTimes(): number {
    return this.found?.firedTimes ?? 0;
  }
  get description(): string | undefined {
    return this.found === undefined ? undefined : textOf(this.found.compiled.describe(this.event));
  }

  alertJson(fileOffset = 0): Buffer | undefined {
    return this.alerted ? this.print(this.found, { forcesFullLog: false, fileOffset }) : undefined;
  }
}

export class UndecidedEvent extends VerdictView implements UndecidedVerdict {
  readonly kind = 'undecided';
  readonly rule: Rule;

  constructor(event: EngineEvent, rule: Rule, settings: DocumentSettings) {
    super(event, undefined, settings);
    this.rule = rule;
  }

  get reason(): string {
    return `the steps granted for one event ended, or the engine cannot tell, while rule ${this.rule.id} was tried`;
  }
}
