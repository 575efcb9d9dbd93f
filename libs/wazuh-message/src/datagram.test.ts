import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGENT_MAX_DATAGRAM_BYTES, frame, jsonBudget, MANAGER_MAX_DATAGRAM_BYTES, parseDatagram } from './datagram.ts';
import { clusterLocation, PLAIN_LOCATION } from './location.ts';

describe('a datagram', () => {
  it('is framed as the guide’s webhook frames it', () => {
    expect(frame(PLAIN_LOCATION, '{"kind": "Event"}').toString()).toBe('1:k8s:{"kind": "Event"}');
  });

  it.each([
    // Measured on wazuh-analysisd 4.14.7 with `any` (65,508) in place of `audit`, two letters longer.
    [PLAIN_LOCATION, MANAGER_MAX_DATAGRAM_BYTES, 65_529],
    [clusterLocation('prod-eu'), MANAGER_MAX_DATAGRAM_BYTES, 65_506],
    [PLAIN_LOCATION, AGENT_MAX_DATAGRAM_BYTES, 64_994],
  ])('leaves beside %s of %i bytes a budget of %i, and can be filled to the last byte', (location, maxBytes, budget) => {
    expect(jsonBudget(location, maxBytes)).toBe(budget);
    expect(frame(location, 'x'.repeat(budget), maxBytes)).toHaveLength(maxBytes);
    expect(() => frame(location, 'x'.repeat(budget + 1), maxBytes)).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }));
  });

  it('is measured in bytes of UTF-8, not in letters', () => {
    expect(() => frame(PLAIN_LOCATION, 'ä'.repeat(40_000))).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }));
  });

  it('never holds a NUL byte, at which Wazuh would stop reading', () => {
    expect(() => frame(PLAIN_LOCATION, '{"a":"\0"}')).toThrow(expect.objectContaining({ code: 'MESSAGE_HAS_NUL' }));
    expect(frame(PLAIN_LOCATION, JSON.stringify({ a: '\0' })).includes(0)).toBe(false);
  });

  it('is valid UTF-8 whatever the text', () => {
    expect(frame(PLAIN_LOCATION, '{"a":"\ud800"}').toString()).toBe('1:k8s:{"a":"\ufffd"}');
  });

  it('comes apart into what it was made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (location, log) => {
        fc.pre(!(location + log).includes('\0') && location.isWellFormed());
        const parsed = parseDatagram(frame(location, `{${log}`));
        expect([parsed?.queue, parsed?.location, parsed?.log.toString()]).toEqual(['1', location, `{${log}`]);
      }),
    );
  });

  it('is read as wazuh-analysisd reads it, for every recorded message', () => {
    const rows = readFileSync(new URL('../../../fixtures/analysisd/events.jsonl', import.meta.url), 'utf8')
      .trimEnd()
      .split('\n');
    const seen = rows.map((row) => JSON.parse(row) as { message: string; expected: { location: string } });
    const differing = seen.filter(({ message, expected }) => locationInAlert(parseDatagram(Buffer.from(message))) !== expected.location);
    expect(seen.length).toBeGreaterThan(300);
    expect(differing.map(({ message }) => message.slice(0, 60))).toEqual([]);
  });

  it.each(['', '1:k', '1:k8s without an end', '1:k8s|:'])('is refused when it is %j', (text) => {
    expect(parseDatagram(Buffer.from(text))).toBeUndefined();
  });
});

/** analysisd moves `[ID] (NAME) ADDRESS->` of a location into the alert's agent. */
function locationInAlert(message: ReturnType<typeof parseDatagram>): string | undefined {
  return message?.location.replace(/^\[\d+\] \([^)]*\) [^>]*->/, '');
}
