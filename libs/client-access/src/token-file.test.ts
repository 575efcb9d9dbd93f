import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createToken } from './token.ts';
import { parseTokenFile, renderTokenFile, TokenFile } from './token-file.ts';

const nowMs = Date.UTC(2026, 10, 26, 8);
const DAY_MS = 86_400_000;
const issue = (cluster: string, days?: number) => createToken(cluster, { nowMs, randomBytes, ...(days === undefined ? {} : { days }) });

describe('a token', () => {
  it('is found by its file, for its cluster, and is not in it', () => {
    const [eu, us] = [issue('prod-eu'), issue('prod-us')];
    const text = renderTokenFile([eu.entry, us.entry]);
    const file = new TokenFile(parseTokenFile(text));

    expect([file.find(eu.token, nowMs)?.cluster, file.find(us.token, nowMs)?.cluster]).toEqual(['prod-eu', 'prod-us']);
    for (const { token } of [eu, us]) expect(text).not.toContain(token.slice('k8s-audit.0123456789ab.'.length));
  });

  it('is found no more once it has ended', () => {
    const { token, entry } = issue('prod-eu', 1);
    const file = new TokenFile([entry]);

    expect([file.find(token, nowMs + DAY_MS - 1_000)?.cluster, file.find(token, nowMs + DAY_MS)]).toEqual(['prod-eu', undefined]);
  });

  it('is nothing with one letter changed, and neither is any other text', () => {
    const { token, entry } = issue('prod-eu');
    const file = new TokenFile([entry]);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom('a', 'Z', '.', ' ', '\n'), (at, letter) => {
        fc.pre(token[at] !== letter);
        expect(file.find(`${token.slice(0, at)}${letter}${token.slice(at + 1)}`, nowMs)).toBeUndefined();
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => file.find(text, nowMs) === undefined));
    for (const text of [entry.id, entry.sha256, `${token}x`, ` ${token}`]) expect(file.find(text, nowMs)).toBeUndefined();
  });

  it('names no cluster that cannot be one', () => {
    expect(() => issue('Prod EU')).toThrow(expect.objectContaining({ code: 'CLUSTER_NAME_INVALID' }));
  });
});

describe('a token file', () => {
  const { entry } = issue('prod-eu', 30);
  const line = `${entry.id} prod-eu sha256:${entry.sha256} 2026-11-26T08:00:00Z 2026-12-26T08:00:00Z`;

  it('is read as it is written, comments and blanks aside', () => {
    expect(parseTokenFile(renderTokenFile([entry]))).toEqual([entry]);
    expect(parseTokenFile(`# ours\n\n  ${line}\r\n`)).toEqual([entry]);
    expect(parseTokenFile('')).toEqual([]);
  });

  it.each([
    ['a pasted token', issue('prod-eu').token],
    ['half a line', line.slice(0, 60)],
    ['a cluster that cannot be one', line.replace('prod-eu', 'Prod')],
    ['another hash', line.replace('sha256', 'md5')],
    ['no end', line.replace(/ \S+$/, '')],
  ])('is refused for %s, by the line and without its text', (_, odd) => {
    const parse = (): unknown => parseTokenFile(`${line}\n${odd}\n`);

    expect(parse).toThrow(expect.objectContaining({ code: 'TOKEN_FILE_INVALID', message: 'Line 2 of the token file is no entry.' }));
  });

  it('is refused when an id stands in it twice', () => {
    expect(() => parseTokenFile(`${line}\n${line}`)).toThrow(`Line 2 of the token file repeats the token ${entry.id}.`);
  });
});
