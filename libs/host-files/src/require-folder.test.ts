import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { requireFolder } from './require-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'require-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('lets a folder pass, and refuses what is none', async () => {
  writeFileSync(join(folder, 'file'), '');
  await requireFolder(folder);
  await expect(requireFolder(join(folder, 'missing'))).rejects.toMatchObject({ code: 'FILE_MISSING' });
  await expect(requireFolder(join(folder, 'file/below'))).rejects.toMatchObject({ code: 'FILE_MISSING' });
  await expect(requireFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'FILE_NOT_REGULAR' });
});
