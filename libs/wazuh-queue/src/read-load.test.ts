import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeControlFrame } from '@k8s-audit/wazuh-message';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDaemonStatistics } from './daemon-statistics.ts';
import { loadReaderFor } from './read-load.ts';

let home: string;
let server: Server | undefined;
let requests: string[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'load-'));
  [server, requests] = [undefined, []];
});
afterEach(async () => {
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  rmSync(home, { recursive: true, force: true });
});

const socketPath = (): string => join(home, 'analysis');
const stateFile = (): string => join(home, 'wazuh-analysisd.state');
const look = (): ReturnType<NonNullable<ReturnType<typeof loadReaderFor>>> =>
  (
    loadReaderFor({ kind: 'getstats', socketPath: socketPath(), stateFile: stateFile() }) as NonNullable<ReturnType<typeof loadReaderFor>>
  )();

async function daemonThatAnswers(answer: Uint8Array): Promise<void> {
  server = createServer((socket) => {
    socket.on('data', (chunk) => {
      requests.push(chunk.subarray(4).toString());
      // In two pieces: a stream promises nothing else.
      socket.write(answer.subarray(0, 3));
      setImmediate(() => socket.end(answer.subarray(3)));
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server?.listen(socketPath(), resolve));
}

const statistics = {
  uptime: 1_790_000_000,
  metrics: {
    events: {
      processed: 90,
      received: 100,
      received_breakdown: {
        dropped_breakdown: { agent: 1, modules_breakdown: { aws: 2, logcollector_breakdown: { eventchannel: 0, others: 4 } } },
      },
      written_breakdown: { alerts: 5, archives: 80 },
    },
    queues: {
      others: { size: 16384, usage: 0.25 },
      processed: { size: 16384, usage: 0.5 },
      archives: { size: 16384, usage: 0.75 },
      syscheck: { size: 16384, usage: 1 },
    },
  },
};

const stateText = `# State file for wazuh-analysisd

# Events dropped
events_dropped='12'

# Event queue
event_queue_usage='0.25'
event_queue_size='16384'

# Rule matching queue
rule_matching_queue_usage='0.00'
rule_matching_queue_size='16384'
`;

describe('the load of wazuh-analysisd', () => {
  it('is asked in Wazuh’s own protocol', async () => {
    await daemonThatAnswers(encodeControlFrame(JSON.stringify({ error: 0, message: 'ok', data: statistics })));
    expect(await look()).toEqual({
      kind: 'load',
      source: 'getstats',
      mark: '1',
      queues: [
        { name: 'others', size: 16384, used: 4096, drops: true },
        { name: 'archives', size: 16384, used: 12288, drops: true },
        { name: 'processed', size: 16384, used: 8192, drops: false },
      ],
      dropped: 7,
    });
    expect(JSON.parse(requests[0] ?? '')).toMatchObject({ version: 1, origin: { module: 'api' }, command: 'getstats' });
  });

  it.each([
    ['an error', encodeControlFrame(JSON.stringify({ error: 4, message: 'Unrecognized command', data: {} }))],
    ['figures without queues', encodeControlFrame(JSON.stringify({ error: 0, data: { metrics: {} } }))],
    ['no JSON', encodeControlFrame('ok')],
    ['a frame that never ends', encodeControlFrame('12345').subarray(0, 6)],
    ['a length beyond belief', Buffer.from([255, 255, 255, 255, 1])],
    ['nothing', Buffer.alloc(0)],
  ])('is read from its state file when the answer is %s', async (_, answer) => {
    await daemonThatAnswers(answer);
    writeFileSync(stateFile(), stateText);
    expect(await look()).toMatchObject({
      kind: 'load',
      source: 'state-file',
      dropped: 12,
      queues: [
        // 0.25 may have been 0.2549: rounded to the worse.
        { name: 'others', size: 16384, used: 4178 },
        { name: 'processed', size: 16384, used: 0, drops: false },
      ],
    });
  });

  it('is unknown when there is neither, and the reason is told', async () => {
    expect(await look()).toEqual({ kind: 'unavailable', reason: expect.stringContaining('ENOENT') });
  });

  it('has one mark for one state of the file', async () => {
    writeFileSync(stateFile(), stateText);
    const read = loadReaderFor({ kind: 'getstats', socketPath: socketPath(), stateFile: stateFile() });
    const [first, second] = [await read?.(), await read?.()];
    expect(first).toEqual(second);
  });

  it.each([undefined, null, 1, 'text', [], { metrics: { queues: { others: 1 } } }])('is not read from %j', (data) => {
    expect(parseDaemonStatistics(data)).toBeUndefined();
  });
});

describe('the load of an agent', () => {
  const agentFile = (): string => join(home, 'wazuh-agentd.state');
  const read = (): ReturnType<typeof look> => (loadReaderFor({ kind: 'agent-state', stateFile: agentFile() }, 5000) as typeof look)();

  it('is what its buffer holds', async () => {
    writeFileSync(agentFile(), "status='connected'\nmsg_count='12579'\nmsg_sent='12928'\nmsg_buffer='35'\n");
    expect(await read()).toMatchObject({
      kind: 'load',
      source: 'agent-state',
      queues: [{ name: 'client_buffer', size: 5000, used: 35, drops: true }],
    });
  });

  it('is unknown where the buffer is off, and on Wazuh 5', async () => {
    writeFileSync(agentFile(), "status='connected'\nmsg_buffer=''\n");
    expect(await read()).toMatchObject({ kind: 'unavailable' });
  });

  it('needs no looking at where the transport itself waits', () => {
    expect(loadReaderFor({ kind: 'back-pressure' })).toBeUndefined();
  });
});
