import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { requireWritable } from './require-writable.ts';

const folder = mkdtempSync(join(tmpdir(), 'require-writable-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('says before a write whether its folder would take it, and leaves nothing', async () => {
  writeFileSync(join(folder, 'file'), '');
  await requireWritable(join(folder, 'new'));
  await expect(requireWritable(join(folder, 'missing/new'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  await expect(requireWritable(join(folder, 'file/new'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  expect(readdirSync(folder)).toEqual(['file']);
});
