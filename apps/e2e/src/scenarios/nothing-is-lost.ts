import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { countArchived, eventKey } from '../event-key.ts';
import type { OriginBooks, ReceiverBooks } from '../product.ts';
import { CLUSTER_NAME, type FinalState, type FinalStep, type Scenario, type ScenarioContext } from '../scenario.ts';

const EVERY_EVENT = 'every event of every API server is in the archive';
/** Longer than a batch waits (1 s) and a POST takes: what was counted before has arrived by then. */
const SETTLE_MS = 2_500;

/** Every event that an API server made, by its own account, is in Wazuh's archive, once. */
export const nothingIsLost: Scenario = {
  name: 'nothing-is-lost',
  title: 'every event of every API server is in the archive, and all books agree',
  plan: (context) => {
    const requestsFound = (final: FinalState): void => assertRequestsFound(context, final);
    /** What holds only of API servers that send from their beginning to their end. */
    const ofWholeLives: readonly FinalStep['run'][] = [assertSurrendered, requestsFound, assertEveryEventFound];
    const ended: FinalStep[] = [
      { title: 'everything ended by itself, without an error', run: ({ complaints }) => assert.deepEqual(complaints, []) },
      { title: 'what the API servers gave up at their end is their own affair', run: assertSurrendered },
      { title: 'the books balance: nothing is left in the spool', run: ({ books }) => assertBalance(books) },
      { title: 'each request of these tests is in the archive with each of its stages', run: requestsFound },
      { title: EVERY_EVENT, run: assertEveryEventFound },
    ];
    // Connected one after the other, and not from the beginning to the end: what each made while it was is what must be there.
    if (context.definition.connects)
      return {
        steps: [],
        afterStop: [...ended.filter(({ run }) => !ofWholeLives.includes(run)), { title: EVERY_EVENT, run: assertConnectedFound }],
      };
    // Books begin with the process, and a receiver that is killed may send again what it had just sent.
    if (context.definition.isInterrupted) return { steps: [], afterStop: ended };
    return {
      steps: [],
      whenQuiet: [
        {
          title: 'the API servers’ counters agree with the receiver’s books',
          run: () => context.eventually(() => assertCountersAgree(context)),
        },
      ],
      afterStop: [
        ...ended,
        {
          title: 'the API servers’ own logs agree with the receiver’s books',
          run: (final) => assertBooksAgree(final, context.definition.followsLogs === true),
        },
        { title: 'no event is in the archive twice', run: assertNoEventTwice },
      ],
    };
  },
};

/**
 * Holds in a moment in which an API server makes no event, its own leases included (every 10 s): then its counter stands still, and all that it counted
 * must have been received. Reading the counter makes no event: policies leave /metrics out.
 */
async function assertCountersAgree({ cluster, receiver }: ScenarioContext): Promise<void> {
  const before = await Promise.all(cluster.apiServers.map((each) => each.auditCounters()));
  await sleep(SETTLE_MS);
  const books = await receiver.books();
  const after = await Promise.all(cluster.apiServers.map((each) => each.auditCounters()));
  cluster.apiServers.forEach(({ name }, index) => {
    const { received, duplicate } = origin(books, name);
    assert.deepEqual(after[index]?.errors, {}, `${name} lost events`);
    assert.equal(after[index]?.events, before[index]?.events, `${name} is not quiet`);
    assert.equal(received - duplicate, before[index]?.events, `${name} made other than what was received`);
  });
}

function assertBooksAgree({ books, witness }: FinalState, followsLogs: boolean): void {
  for (const [name, { sent, surrendered }] of witness) {
    const { received, duplicate, delivered, quarantined, filtered } = origin(books, name);
    assert.ok(sent.length > 0, `${name} has logged nothing`);
    if (followsLogs) {
      // What an API server did not hand to its webhook any more, it still wrote to its log; how much of that was read is chance.
      assert.deepEqual({ once: received - duplicate, quarantined, filtered }, { once: delivered, quarantined: 0, filtered: 0 }, name);
      assert.ok(
        delivered >= sent.length && delivered <= sent.length + surrendered.length,
        `${name}: ${delivered} of ${sent.length} delivered`,
      );
      continue;
    }
    assert.deepEqual(
      { once: received - duplicate, delivered, quarantined, filtered },
      { once: sent.length, delivered: sent.length, quarantined: 0, filtered: 0 },
      name,
    );
  }
}

/** An API server drops events that it makes after it has closed its own webhook queue; nobody else's requests may be among them. */
function assertSurrendered({ witness }: FinalState): void {
  for (const { surrendered } of witness.values())
    for (const { user, requestURI } of surrendered) assert.equal(user.username, 'system:apiserver', requestURI);
}

function assertBalance({ origins, total }: ReceiverBooks): void {
  assert.equal(total.spooled, 0);
  for (const { received, delivered, duplicate, filtered, quarantined, ...rest } of origins)
    assert.equal(received, delivered + duplicate + filtered + quarantined, `${rest.cluster}/${rest.apiServer}`);
}

function assertRequestsFound({ trail, cluster }: ScenarioContext, { witness, archives }: FinalState): void {
  const archived = countArchived(archives);
  assert.ok(trail.entries.length > 10, `only ${trail.entries.length} requests were sent`);
  const missing = trail.entries.flatMap(({ auditId, apiServer, method, path }) => {
    const made = (witness.get(cluster.apiServers[apiServer]?.name ?? '')?.sent ?? []).filter(({ auditID }) => auditID === auditId);
    const request = `${method} ${path.slice(0, 100)}`;
    if (made.length === 0) return [`${request}: the API server made no event`];
    return made.filter((event) => !archived.has(eventKey(event))).map(({ stage }) => `${request}: ${stage} is not in the archive`);
  });
  assert.deepEqual(missing, []);
}

function assertEveryEventFound({ witness, archives }: FinalState): void {
  const archived = countArchived(archives);
  const made = [...witness.values()].flatMap(({ sent }) => sent);
  const lost = made.filter((event) => !archived.has(eventKey(event)));
  assert.deepEqual(lost.slice(0, 5), [], `${lost.length} of ${made.length} events are missing`);
}

/**
 * A manifest that changes ends an API server in the middle of its life. One that takes longer than the 30 s that a kubelet grants is killed with what it
 * has not sent, which at that point is its own farewell (its lease, its watches); nobody else's request may be among it.
 */
function assertConnectedFound({ witness, archives }: FinalState): void {
  const archived = countArchived(archives);
  const made = [...witness.values()].flatMap(({ sent }) => sent);
  const lost = made.filter((event) => event.user.username !== 'system:apiserver' && !archived.has(eventKey(event)));
  assert.ok(made.length > 100, `only ${made.length} events were made while connected`);
  assert.deepEqual(lost.slice(0, 5), [], `${lost.length} of ${made.length} events are missing`);
}

function assertNoEventTwice({ archives, books }: FinalState): void {
  // The reader has been the same all the time: nothing had to be sent again.
  assert.equal(books.total.resent, 0);
  assert.deepEqual(
    [...countArchived(archives)].filter(([, count]) => count > 1),
    [],
  );
}

function origin(books: ReceiverBooks, apiServer: string): OriginBooks {
  const found = books.origins.find((each) => each.cluster === CLUSTER_NAME && each.apiServer === apiServer);
  assert.ok(found !== undefined, `the books know nothing of ${apiServer}: ${JSON.stringify(books.origins)}`);
  return found;
}
