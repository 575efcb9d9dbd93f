import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeStateFolder } from './state-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('lets nobody else in until it is given back', () => {
  const giveBack = takeStateFolder(folder);

  expect(() => takeStateFolder(folder)).toThrow(
    expect.objectContaining({ code: 'ALREADY_RUNNING', message: expect.stringContaining(`${process.pid}`) }),
  );
  giveBack();
  takeStateFolder(folder)();
});

it.each(['2147483646', '', 'no number'])('takes over from an owner that is gone: %j', (owner) => {
  writeFileSync(join(folder, 'running'), owner);
  const giveBack = takeStateFolder(folder);

  expect(readFileSync(join(folder, 'running'), 'utf8')).toBe(`${process.pid}\n`);
  giveBack();
});

it('says which folder it cannot make, and what to do', () => {
  writeFileSync(join(folder, 'file'), '');

  expect(() => takeStateFolder(join(folder, 'file', 'below'))).toThrow(
    expect.objectContaining({ code: 'STATE_FOLDER_UNWRITABLE', hint: expect.stringContaining('--state') }),
  );
});
