import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { csrSubject } from './csr-subject.ts';

const recorded = readFileSync(new URL('../../../../fixtures/recorded/request-response.eventlists.jsonl', import.meta.url), 'utf8');
const request = /"request":"(LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNU[^"]+)"/.exec(recorded)?.[1] ?? '';

/** DER by hand: a request whose subject has these parts. */
function requestOf(...parts: readonly (readonly [oid: string, tag: number, value: Buffer])[]): string {
  const element = (tag: number, ...content: readonly Buffer[]): Buffer => {
    const bytes = Buffer.concat(content);
    const length = bytes.length < 0x80 ? [bytes.length] : [0x82, bytes.length >> 8, bytes.length & 0xff];
    return Buffer.concat([Buffer.from([tag, ...length]), bytes]);
  };
  const sets = parts.map(([oid, tag, value]) => element(0x31, element(0x30, element(6, Buffer.from(oid, 'hex')), element(tag, value))));
  const der = element(0x30, element(0x30, element(2, Buffer.from([0])), element(0x30, ...sets)));
  return Buffer.from(`-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`).toString(
    'base64',
  );
}

describe('csrSubject', () => {
  it('reads the subject of a recorded request', () => {
    expect(csrSubject(request)).toBe('O=dev,CN=mallory');
  });

  it('reads every kind of string, and names that it does not know', () => {
    expect(
      csrSubject(
        requestOf(
          ['550403', 0x13, Buffer.from('me')],
          ['55040a', 0x0c, Buffer.from('büro')],
          ['55040a', 0x1e, Buffer.from([0, 0x61, 0, 0x62])],
          ['2a03', 0x0c, Buffer.from('x')],
        ),
      ),
    ).toBe('CN=me,O=büro,O=ab,OID.2a03=x');
  });

  it('lets no value pose as another part', () => {
    expect(csrSubject(requestOf(['550403', 0x0c, Buffer.from('x,O=system:masters')]))).toBe('CN=x\\2CO\\3Dsystem:masters');
  });

  it.each([
    '',
    'x',
    request.slice(0, 120),
    Buffer.from('-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END').toString('base64'),
    requestOf().slice(0, 60),
    'A'.repeat(100_000),
  ])('has nothing to say of what is no request', (text) => {
    expect(csrSubject(text)).toBeUndefined();
  });

  it('ends in broken DER', () => {
    for (let cut = 40; cut < request.length; cut += 7)
      expect(() => csrSubject(request.slice(0, cut) + request.slice(cut + 5))).not.toThrow();
  });
});
