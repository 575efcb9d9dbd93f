import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WrittenEntries } from './written-entries.ts';

const ID = 'k8s-audit-trace-1';
let folder: string;
let file: string;
let entries: WrittenEntries;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'written-entries-'));
  file = join(folder, 'alerts.json');
});
afterEach(async () => {
  await entries.close();
  rmSync(folder, { recursive: true });
});

/** A line as Wazuh writes it (facts of wazuh-analysisd 4.14.7: local time with its offset). */
function line(auditID: string, rule = '118402'): string {
  const data = { k8s: { auditID, user: { username: 'jürgen' }, detections: ['request-denied'] } };
  return `${JSON.stringify({ timestamp: '2026-11-23T14:46:39.172+0100', rule: { id: rule, level: 5, description: 'denied' }, data })}\n`;
}

async function rulesOf(auditId: string): Promise<readonly (string | undefined)[]> {
  return (await entries.of(auditId)).map(({ rule }) => rule?.id);
}

it('finds what is written from now on, and only that', async () => {
  writeFileSync(file, line(ID, '1'));
  entries = await WrittenEntries.from(file, () => 5);
  appendFileSync(file, line('another') + line(ID, '2') + line('k8s-audit-trace-2', '3'));

  expect(await entries.of(ID)).toEqual([
    {
      timestampMs: Date.UTC(2026, 10, 23, 13, 46, 39, 172),
      seenAtMs: 5,
      rule: { id: '2', level: 5, description: 'denied' },
      detections: ['request-denied'],
    },
  ]);
  expect(await rulesOf('k8s-audit-trace-2')).toEqual(['3']);
  expect(await rulesOf('another')).toEqual([]);
});

it('waits for the end of a line that is written in two halves, also in the middle of a character', async () => {
  writeFileSync(file, '');
  entries = await WrittenEntries.from(file, () => 0);
  const bytes = Buffer.from(line(ID, '1'));
  const middle = bytes.indexOf(0xc3) + 1;
  appendFileSync(file, bytes.subarray(0, middle));
  expect(await rulesOf(ID)).toEqual([]);
  appendFileSync(file, bytes.subarray(middle));

  expect(await rulesOf(ID)).toEqual(['1']);
});

it('goes on in a file that comes later, that is begun anew each day, and that is emptied', async () => {
  entries = await WrittenEntries.from(file, () => 0);
  expect(await rulesOf(ID)).toEqual([]);
  writeFileSync(file, line(ID, '1'));
  expect(await rulesOf(ID)).toEqual(['1']);

  appendFileSync(file, line(ID, '2'));
  renameSync(file, `${file}.1`);
  writeFileSync(file, line(ID, '3'));
  expect(await rulesOf(ID)).toEqual(['1', '2', '3']);

  truncateSync(file);
  expect(await rulesOf(ID)).toEqual(['1', '2', '3']);
  appendFileSync(file, line(ID, '4'));
  expect(await rulesOf(ID)).toEqual(['1', '2', '3', '4']);
});

it('reads each line once, whoever asks at the same time', async () => {
  writeFileSync(file, '');
  entries = await WrittenEntries.from(file, () => 0);
  appendFileSync(file, line(ID, '1').repeat(100));

  const asked = await Promise.all(Array.from({ length: 5 }, () => rulesOf(ID)));
  expect(new Set(asked.map(({ length }) => length))).toEqual(new Set([100]));
});
