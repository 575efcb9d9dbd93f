import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EventListScanner } from './event-list-scanner.ts';

const RECORDED = new URL('../../../fixtures/recorded/', import.meta.url);

it.each(['guide-policy', 'request-response'])('cuts the items of every recorded list out (%s)', (name) => {
  for (const line of readFileSync(new URL(`${name}.eventlists.jsonl`, RECORDED), 'utf8')
    .trim()
    .split('\n')) {
    const scanner = new EventListScanner();
    const items = scanner.push(Buffer.from(`${line}\n`));

    expect(scanner.end()).toEqual({ kind: 'list', items: items.length, refused: 0 });
    expect(items.map((item) => (item.kind === 'event' ? JSON.parse(item.bytes.toString()) : item))).toEqual(JSON.parse(line).items);
  }
});
