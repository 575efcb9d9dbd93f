import type { ByteString } from '../byte-string.ts';
import type { FieldTable } from './field-table.ts';
import type { DecoderName } from './json-decoder.ts';

/** An event as the rules see it. */
export interface EngineEvent {
  readonly location: ByteString;
  readonly agentId: ByteString;
  readonly hostname: ByteString;
  /** As it came. */
  readonly fullLog: ByteString;
  /** What decoders and `<match>` see: behind the header that the predecoder takes off. */
  readonly log: ByteString;
  readonly predecoded: Predecoded;
  readonly decoder: DecoderName | undefined;
  readonly fields: FieldTable;
  /** When it came, in milliseconds since 1970; timeframes count whole seconds. */
  readonly receivedMs: number;
}

/** What the predecoder found in a syslog header. */
export interface Predecoded {
  readonly programName?: ByteString;
  readonly timestamp?: ByteString;
}
