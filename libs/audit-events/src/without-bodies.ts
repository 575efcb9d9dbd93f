import type { ItemMembers } from './item-members.ts';
import { MAX_ITEM_DEPTH } from './scanned-item.ts';
import { ValueWalker } from './value-walker.ts';

/** The members whose size and depth a client decides. Everything else of an event is small and the API server's own. */
export const BODY_MEMBERS: readonly string[] = ['requestObject', 'responseObject'];

/** What stands in place of a body that was left out; `omittedBodies` tells it from a body that is null. */
export const OMITTED_BODY: Buffer = Buffer.from('null');

/** A body in an item's bytes. */
interface Body {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

export interface ItemWithoutBodies {
  readonly bytes: Buffer;
  /** Names of the bodies that were left out. */
  readonly omitted: readonly string[];
}

/** The item without the bodies that are nested too deep. Who did what to which object is kept, whatever was in it. */
export function withoutDeepBodies(item: Buffer, members: ItemMembers): ItemWithoutBodies {
  return without(
    item,
    // The event itself is one level.
    bodiesOf(item, members).filter(({ depth }) => depth + 1 > MAX_ITEM_DEPTH),
  );
}

/** The item without its larger body, or without both when that does not bring it within the limit. */
export function withoutLargeBodies(item: Buffer, members: ItemMembers, maxBytes: number): ItemWithoutBodies {
  const bodies = bodiesOf(item, members).sort((one, other) => other.end - other.start - (one.end - one.start));
  const smaller = without(item, bodies.slice(0, 1));
  return smaller.bytes.length <= maxBytes ? smaller : without(item, bodies);
}

/** The event with `omittedBodies` as its first member. */
export function markOmittedBodies(item: Buffer, omitted: readonly string[]): Buffer {
  return Buffer.concat([markOf(omitted), item.subarray(1)]);
}

/** The event without that mark again. */
export function unmarkOmittedBodies(item: Buffer, omitted: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from('{'), item.subarray(markOf(omitted).length)]);
}

function markOf(omitted: readonly string[]): Buffer {
  return Buffer.from(`{"omittedBodies":${JSON.stringify(omitted.join(','))},`);
}

function without(item: Buffer, bodies: readonly Body[]): ItemWithoutBodies {
  const inOrder = bodies.toSorted((one, other) => one.start - other.start);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const body of inOrder) {
    pieces.push(item.subarray(from, body.start), OMITTED_BODY);
    from = body.end;
  }
  return { bytes: Buffer.concat([...pieces, item.subarray(from)]), omitted: inOrder.map(({ name }) => name) };
}

function bodiesOf(item: Buffer, members: ItemMembers): Body[] {
  const walker = new ValueWalker();
  const bodies: Body[] = [];
  for (let index = 0; index < members.count; index += 1) {
    const name = BODY_MEMBERS.find((body) => members.hasKey(index, item, body));
    if (name === undefined) continue;
    let start = members.valueStart(index);
    while (WHITE_SPACE.has(item[start] as number)) start += 1;
    walker.begin(item[start] as number);
    bodies.push({ name, start, end: walker.walk(item, start), depth: walker.maxDepth });
  }
  return bodies;
}

const WHITE_SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
