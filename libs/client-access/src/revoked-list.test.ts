import { describe, expect, it } from 'vitest';
import { parseRevokedList, renderRevokedLine } from './revoked-list.ts';

const SERIAL = '0A1B2C3D4E5F60718293A4B5C6D7E8F9';
const FINGERPRINT = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(':');
const certificate = { serial: SERIAL, fingerprint: FINGERPRINT };

describe('a list of revoked certificates', () => {
  it.each([
    ['its serial number', SERIAL],
    ['as openssl prints it', `serial=${SERIAL}`],
    ['in small letters with colons', '0a:1b:2c:3d:4e:5f:60:71:82:93:a4:b5:c6:d7:e8:f9'],
    ['without the leading zero', SERIAL.slice(1)],
    ['its fingerprint', FINGERPRINT],
    ['its fingerprint without colons, with a note', `${FINGERPRINT.replaceAll(':', '').toLowerCase()}  prod-us, key copied`],
    ['what we write ourselves', renderRevokedLine(certificate, 'prod-us')],
  ])('holds a certificate by %s', (_, line) => {
    const list = parseRevokedList(`# revoked\n\n${line}\n`);

    expect([list.count, list.has(certificate)]).toEqual([1, true]);
    expect(list.has({ serial: `${SERIAL.slice(0, -1)}8`, fingerprint: FINGERPRINT.replace('10', '11') })).toBe(false);
  });

  it('is empty when it says nothing', () => {
    expect(parseRevokedList('').has(certificate)).toBe(false);
  });

  it.each(['prod-us', `x${SERIAL}`, 'a:', `${'ab'.repeat(21)}`, `${'ab'.repeat(33)}`])('is refused for %j', (line) => {
    expect(() => parseRevokedList(`${SERIAL}\n${line}`)).toThrow(
      expect.objectContaining({ code: 'REVOKED_LIST_INVALID', message: expect.stringContaining('Line 2') }),
    );
  });
});
