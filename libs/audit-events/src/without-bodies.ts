import type { ItemMembers } from './item-members.ts';
import { ValueWalker } from './value-walker.ts';

/** The members whose size and depth a client decides. Everything else of an event is small and the API server's own. */
export const BODY_MEMBERS: readonly string[] = ['requestObject', 'responseObject'];

/** What stands in place of a body that was left out; `omittedBodies` tells it from a body that is null. */
export const OMITTED_BODY: Buffer = Buffer.from('null');

/** The event without its bodies: who did what to which object is kept, whatever was in it. Returns the names left out. */
export function withoutBodies(item: Buffer, members: ItemMembers): { readonly bytes: Buffer; readonly omitted: readonly string[] } {
  const pieces: Buffer[] = [];
  const omitted: string[] = [];
  let from = 0;
  for (let index = 0; index < members.count; index += 1) {
    const name = BODY_MEMBERS.find((body) => members.hasKey(index, item, body));
    if (name === undefined) continue;
    pieces.push(item.subarray(from, members.valueStart(index)), OMITTED_BODY);
    from = valueEnd(item, members.valueStart(index));
    omitted.push(name);
  }
  return { bytes: Buffer.concat([...pieces, item.subarray(from)]), omitted };
}

/** The event with `omittedBodies` as its first member, so that nothing behind it can be taken for it. */
export function markOmittedBodies(item: Buffer, omitted: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from(`{"omittedBodies":${JSON.stringify(omitted.join(','))},`), item.subarray(1)]);
}

function valueEnd(item: Buffer, from: number): number {
  let start = from;
  while (WHITE_SPACE.has(item[start] as number)) start += 1;
  const walker = new ValueWalker();
  walker.begin(item[start] as number);
  return walker.walk(item, start);
}

const WHITE_SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
