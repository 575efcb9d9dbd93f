import type { Mark } from './mark.ts';

export type EventType =
  | 'stream-start'
  | 'stream-end'
  | 'document-start'
  | 'document-end'
  | 'alias'
  | 'scalar'
  | 'sequence-start'
  | 'sequence-end'
  | 'mapping-start'
  | 'mapping-end';

export interface Event {
  readonly type: EventType;
  readonly start: Mark;
  /** Behind its last character; of what has no end of its own, the start. */
  readonly end: Mark;
  /** Of an alias: whose. */
  readonly anchor: string | undefined;
  /** Resolved: `tag:yaml.org,2002:int`; empty without one. */
  readonly tag: string;
  readonly value: string;
  /** Of a scalar: what it is follows from how it reads. False in quotes and with a tag. */
  readonly implicit: boolean;
}

export function event(type: EventType, start: Mark, end: Mark = start): Event {
  return { type, start, end, anchor: undefined, tag: '', value: '', implicit: false };
}

export function emptyScalar(start: Mark): Event {
  return { type: 'scalar', start, end: start, anchor: undefined, tag: '', value: '', implicit: true };
}
