import { expect, it } from 'vitest';
import { authorityReload } from './api-server-reload.ts';

it.each([
  ['1.35', 'restart'],
  ['v1.35.4', 'restart'],
  ['1.9', 'restart'],
  ['1.36', 'by itself'],
  ['v1.36.0-beta.1', 'by itself'],
  ['1.100.2', 'by itself'],
  ['2.0', 'by itself'],
  ['latest', 'depends on the version'],
  [undefined, 'depends on the version'],
] as const)('an API server of version %s takes a new authority: %s', (version, reload) => {
  expect(authorityReload(version)).toBe(reload);
});
