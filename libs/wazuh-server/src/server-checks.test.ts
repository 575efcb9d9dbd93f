import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type Finding, runChecks } from '@k8s-audit/checks';
import { afterEach, expect, it } from 'vitest';
import type { AskDaemon } from './ask-daemon.ts';
import { PLACES } from './installation.ts';
import { SERVER_CHECKS, type ServerSight, serverChecks } from './server-checks.ts';
import { createWazuhTree, type WazuhTree, type WazuhTreeOptions } from './testing/wazuh-tree.ts';

let tree: WazuhTree;
let socket: Server | undefined;
afterEach(async () => {
  await new Promise((resolve) => (socket === undefined ? resolve(undefined) : socket.close(resolve)));
  tree.remove();
});

/** Answers of logtest (facts of wazuh-analysisd 4.14.7). */
const logtest =
  (data: object): AskDaemon =>
  async () => ({ kind: 'answer', error: 0, message: '', data });
const ALERT = logtest({ token: 'aa', messages: [], alert: true, codemsg: 0, output: { rule: { id: '118211', level: 5 } } });
interface Counted {
  readonly received: number;
  readonly dropped: number;
  readonly startedAt: number;
}
/** Later than any file of the tree. */
const STARTED_AT = Date.now() / 1_000 + 3_600;
const counters = (...all: readonly Counted[]): ServerSight['statistics'] => {
  const left = [...all];
  return async () => (left.length > 1 ? left.shift() : left[0]) as Counted;
};
const NOW = { received: 100, dropped: 0, startedAt: STARTED_AT };

interface Case {
  readonly when: string;
  readonly options?: WazuhTreeOptions;
  /** After the tree and its sockets are there. */
  readonly breakIt?: (home: string) => void;
  readonly sight?: Partial<ServerSight>;
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  { when: 'all is well', expected: [] },
  { when: 'it is too old', options: { version: 'v4.2.7' }, expected: ['wazuh-installed failure'] },
  { when: 'it is too new', options: { version: 'v5.0.0' }, expected: ['wazuh-installed failure'] },
  { when: 'it is in a container', options: { container: 'docker' }, expected: ['wazuh-installed failure'] },
  { when: 'there is none', breakIt: (home) => rmSync(join(home, PLACES.control)), expected: ['wazuh-installed failure'] },
  {
    when: 'its queue is closed to its group',
    breakIt: (home) => chmodSync(join(home, PLACES.queue), 0o600),
    expected: ['wazuh-queue failure'],
  },
  {
    when: 'its queue is a plain file',
    breakIt: (home) => {
      rmSync(join(home, PLACES.queue));
      writeFileSync(join(home, PLACES.queue), '');
    },
    expected: ['wazuh-queue failure'],
  },
  { when: 'its queue is short', sight: { queueLength: async () => 5 }, expected: ['wazuh-queue-length warning'] },
  {
    when: 'its daemon does not answer',
    sight: { statistics: async () => ({ unavailable: 'ECONNREFUSED' }) },
    expected: ['wazuh-daemon failure'],
  },
  {
    when: 'it has dropped',
    sight: { statistics: counters({ received: 100, dropped: 7, startedAt: STARTED_AT }) },
    expected: ['wazuh-drops warning'],
  },
  {
    when: 'it drops now',
    // One reading for the daemon, two for the drops.
    sight: { statistics: counters(NOW, NOW, { received: 160, dropped: 7, startedAt: STARTED_AT }) },
    expected: ['wazuh-drops failure'],
  },
  {
    when: 'there is no group for its queue',
    breakIt: (home) => writeFileSync(join(home, '../../etc/group'), 'root:x:0:\n'),
    expected: ['wazuh-group failure'],
  },
  {
    when: 'rules were written after its start, and it cannot read them anew',
    options: { version: 'v4.12.0' },
    sight: { statistics: counters({ ...NOW, startedAt: 1 }) },
    expected: ['rules-loaded failure'],
  },
  { when: 'it has read its rules at its start', options: { version: 'v4.12.0' }, expected: [] },
  {
    when: 'logtest cannot load its rules',
    sight: { ask: logtest({ messages: ['ERROR: (7312)'], codemsg: -1 }) },
    expected: ['rules-alert failure'],
  },
  {
    when: 'a rule of somebody else takes the event',
    sight: { ask: logtest({ token: 'aa', messages: [], alert: false, codemsg: 0, output: { rule: { id: '100900', level: 0 } } }) },
    expected: ['rules-alert failure'],
  },
];

it.each(CASES)('$expected when $when', async ({ options = {}, breakIt, sight = {}, expected }) => {
  tree = createWazuhTree(options);
  const queue = createServer();
  socket = queue;
  await new Promise<void>((resolve) => queue.listen(join(tree.home, PLACES.queue), resolve));
  chmodSync(join(tree.home, PLACES.queue), 0o660);
  breakIt?.(tree.home);
  const results = await runChecks(
    serverChecks({
      root: tree.root,
      home: '/var/ossec',
      ask: ALERT,
      probe: () => '{}',
      statistics: counters(NOW),
      queueLength: async () => 512,
      settle: async () => {},
      ...sight,
    }),
  );
  const isComplaint = ({ kind }: Finding): boolean => kind === 'failure' || kind === 'warning';

  expect(results.filter(({ finding }) => isComplaint(finding)).map(({ check, finding }) => `${check.id} ${finding.kind}`)).toEqual(
    expected,
  );
});

it('has a case that complains for each check', () => {
  const complained = CASES.flatMap(({ expected }) => expected.map((each) => each.split(' ')[0]));
  expect(new Set(complained)).toEqual(new Set(SERVER_CHECKS.map(({ id }) => id)));
});
