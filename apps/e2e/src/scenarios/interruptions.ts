import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { entriesOf } from '../alert-search.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';

/** Two API servers, each a request in so many milliseconds: events are always on their way when something breaks. */
const REQUEST_EVERY_MS = 25;
const AROUND_MS = 1_000;
/** Less than the 81 s for which an API server tries again, more than its first attempt. */
const RECEIVER_AWAY_MS = 5_000;

/** What happens on a Wazuh server sooner or later: new rules are loaded, and the receiver is killed by the kernel in the middle of its work. */
export const interruptions: Scenario = {
  name: 'interruptions',
  title: 'no event is lost while the back end restarts and the receiver is killed',
  runs: ['interrupted'],
  plan: (context) => ({
    steps: [
      {
        title: 'the back end is restarted while events come',
        run: () => withTraffic(context, () => context.restartBackend()),
      },
      {
        title: 'the receiver is killed while events come, and is away for a while',
        run: () =>
          withTraffic(context, async () => {
            await context.receiver.kill();
            await sleep(RECEIVER_AWAY_MS);
            await context.receiver.startAgain();
          }),
      },
      {
        title: 'the receiver is killed once more, and back at once',
        run: () =>
          withTraffic(context, async () => {
            await context.receiver.kill();
            await context.receiver.startAgain();
          }),
      },
      {
        title: 'every request is in the archive',
        run: () =>
          context.eventually(async () => {
            const archives = await context.archives();
            const missing = context.trail.entries.filter(({ auditId }) => entriesOf(archives, auditId).length === 0);
            assert.equal(missing.length, 0, `${missing.length} of ${context.trail.entries.length} requests are missing`);
          }),
      },
    ],
  }),
};

/** Reads at every API server, without a pause, before, during and after `interrupt`. */
async function withTraffic(context: ScenarioContext, interrupt: () => Promise<void>): Promise<void> {
  let isOver = false;
  const readers = context.cluster.apiServers.map(async (_server, index) => {
    const admin = context.client('admin', index);
    while (!isOver) {
      await admin.core.readNamespace({ name: 'default' });
      await sleep(REQUEST_EVERY_MS);
    }
  });
  try {
    await sleep(AROUND_MS);
    await interrupt();
    await sleep(AROUND_MS);
  } finally {
    isOver = true;
    await Promise.all(readers);
  }
}
