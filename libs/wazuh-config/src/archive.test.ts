import { expect, it } from 'vitest';
import { estimateArchive } from './archive-size.ts';
import { INDEX_TEMPLATE } from './index-template.ts';
import { renderDiskRetention, renderIndexRetention } from './retention.ts';
import { ARCHIVE_OBJECTS, renderSavedObjects } from './saved-objects.ts';

it('estimates what an archive takes a day from two readings of the daemon', () => {
  const size = estimateArchive({ atMs: 0, eventsReceived: 1_000 }, { atMs: 10_000, eventsReceived: 2_000 }, 1_000);

  expect(size.eventsPerSecond).toBe(100);
  expect(size.diskGigabytesADay).toBeCloseTo(20.3, 1);
  expect(size.indexGigabytesADay).toBeGreaterThan(size.diskGigabytesADay);
});

it.each([
  [0, 5],
  [10, -1],
])('refuses readings that tell nothing: %i ms, %i events', (atMs, eventsReceived) => {
  expect(() => estimateArchive({ atMs: 0, eventsReceived: 0 }, { atMs, eventsReceived }, 1)).toThrow(RangeError);
});

it('has references that resolve within what is imported before', () => {
  const known = new Set<string>();
  for (const { type, id, references } of ARCHIVE_OBJECTS) {
    for (const reference of references) expect(known).toContain(`${reference.type}/${reference.id}`);
    known.add(`${type}/${id}`);
  }
});

it('shows the archive as its golden', async () => {
  await expect(renderSavedObjects(ARCHIVE_OBJECTS)).toMatchFileSnapshot('../golden/archive.ndjson');
  await expect(`${JSON.stringify(INDEX_TEMPLATE, undefined, 2)}\n`).toMatchFileSnapshot('../golden/index-template.json');
  await expect(`${JSON.stringify(renderIndexRetention(365), undefined, 2)}\n`).toMatchFileSnapshot('../golden/index-retention.json');
  await expect(renderDiskRetention('/var/ossec', 365)).toMatchFileSnapshot('../golden/disk-retention.conf');
});

it.each([0, -1, 1.5, Number.NaN])('refuses a retention of %j days', (days) => {
  expect(() => renderDiskRetention('/var/ossec', days)).toThrow(RangeError);
  expect(() => renderIndexRetention(days)).toThrow(RangeError);
});
