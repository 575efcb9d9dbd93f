import { expect, it } from 'vitest';
import { parseAuditPath } from './audit-path.ts';

it.each([
  ['/', { kind: 'audit', apiServer: '-' }],
  ['/?timeout=30s', { kind: 'audit', apiServer: '-' }],
  ['/prod-eu?timeout=30s', { kind: 'audit', cluster: 'prod-eu', apiServer: '-' }],
  ['/prod-eu/', { kind: 'audit', cluster: 'prod-eu', apiServer: '-' }],
  ['/prod-eu/node-1?timeout=30s', { kind: 'audit', cluster: 'prod-eu', apiServer: 'node-1' }],
  ['/prod-eu/node-1/more', { kind: 'unknown' }],
  ['//prod-eu', { kind: 'unknown' }],
  ['/Prod', { kind: 'unknown' }],
  ['/prod%2Feu', { kind: 'unknown' }],
  ['/../etc', { kind: 'unknown' }],
  ['*', { kind: 'unknown' }],
  ['https://elsewhere/prod-eu', { kind: 'unknown' }],
  [`/${'a'.repeat(64)}`, { kind: 'unknown' }],
])('reads %s', (url, expected) => {
  expect(parseAuditPath(url)).toEqual(expected);
});
