import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Alert, followAlerts } from './alert-tail.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alert-tail-'));
  file = join(folder, 'alerts.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('gives out every alert, also one that was written in two halves, and ends when told', async () => {
  let isOver = false;
  const seen: string[] = [];
  const following = (async () => {
    for await (const alert of followAlerts(file, () => isOver)) seen.push(alert.rule.id);
  })();
  appendFileSync(file, '{"rule":{"id":"1"}}\n{"rule":{"i');
  await expect.poll(() => seen).toEqual(['1']);
  appendFileSync(file, `d":"2"}}\n${'{"rule":{"id":"é"}}\n'.repeat(3)}`);
  isOver = true;
  await following;

  expect(seen).toEqual(['1', '2', 'é', 'é', 'é']);
});

it('ends without alerts when there never was a file', async () => {
  const seen: Alert[] = [];
  for await (const alert of followAlerts(file, () => true)) seen.push(alert);

  expect(seen).toEqual([]);
});
