import { once } from 'node:events';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { gatherCrowd, measurePosts, oneEvent, ReceiverProcess } from './testing/index.ts';

const MIB = 1024 * 1024;
let receiver: ReceiverProcess;
afterEach(() => receiver.remove());

describe('two thousand connections that hold and give nothing', () => {
  it('do not keep a valid client from its answer within a second', async () => {
    // The clusters of the crowd have a certificate too, so their connections are limited as those of a cluster.
    receiver = await ReceiverProcess.create({ limits: { connectionsPerCluster: 300, unidentifiedConnections: 400 } });
    await receiver.start();
    const crowd = await gatherCrowd(receiver, { silent: 1_300, 'half-hello': 300, 'slow-headers': 200, 'slow-body': 200 });
    const agent = await receiver.agent('prod-eu');
    const { p99 } = await measurePosts(60, (index) => receiver.post('/prod-eu', oneEvent(String(index)), { agent }));
    const gauges = (await receiver.ask('/metrics')).text.match(/^k8s_audit_connections\{state="\w+"\} \d+$/gm);
    crowd.leave();

    expect(p99).toBeLessThan(1_000);
    expect(crowd.made).toBeGreaterThanOrEqual(2_000);
    const held = (state: string): number => Number(gauges?.find((line) => line.includes(`"${state}"`))?.split(' ')[1]);
    expect(held('unidentified')).toBeLessThanOrEqual(400);
    expect(held('identified')).toBeLessThanOrEqual(300 + 5);
    // Evictions are counted each, and logged by tens.
    expect(receiver.events('connection-refused').length).toBeLessThan(100);
  }, 60_000);
});

describe('memory', () => {
  const EVENT = oneEvent('1', { requestURI: `/${'x'.repeat(700)}` });
  const HEAD = EVENT.slice(0, EVENT.indexOf('[') + 1);

  /** Posts a list of so many bytes of this item, as fast as it is taken. */
  async function postLong(cluster: string, item: string, bytes: number): Promise<number | 'cut'> {
    const chunk = Buffer.from(`${item},`.repeat(Math.ceil(MIB / item.length)));
    const chunks = Math.floor(bytes / chunk.length);
    const sent = request(new URL(`/${cluster}`, receiver.url), {
      method: 'POST',
      agent: await receiver.agent(cluster),
      headers: { 'Content-Length': HEAD.length + chunks * chunk.length + item.length + 2 },
    });
    const over = new Promise<number | 'cut'>((resolve) => {
      sent.once('response', (response) => resolve(response.resume().statusCode ?? 0));
      sent.once('error', () => resolve('cut'));
    });
    let isOver = false;
    void over.then(() => (isOver = true));
    sent.write(HEAD);
    for (let count = 0; count < chunks && !isOver; count++)
      if (!sent.write(chunk)) await Promise.race([new Promise((drained) => sent.once('drain', drained)), over]);
    if (!isOver) sent.end(`${item}]}`);
    return over;
  }

  async function capBytes(): Promise<number> {
    return Number(/^k8s_audit_memory_cap_bytes (\d+)$/m.exec((await receiver.ask('/metrics')).text)?.[1]);
  }

  it('stays below the cap while sixteen bodies of 64 MiB arrive at once; what does not fit is told to come again', async () => {
    receiver = await ReceiverProcess.create();
    await receiver.start();
    const item = EVENT.slice(HEAD.length, -2);
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) => postLong(`cluster-${index % 4}`, item, 64 * MIB - item.length)),
    );

    // As docs/reference/receiver-configuration.md states it, here at the default of limits.inFlightBytes.
    expect(await capBytes()).toBe(512 * MIB + 256 * MIB);
    expect(receiver.memoryBytes('VmHWM')).toBeLessThan(await capBytes());
    const stored = answers.filter((status) => status === 200).length;
    expect(stored).toBeGreaterThanOrEqual(1);
    expect(answers.filter((status) => status !== 200 && status !== 503 && status !== 'cut')).toEqual([]);
    expect((await receiver.post('/prod-eu', oneEvent('2'), { agent: await receiver.agent('prod-eu') })).status).toBe(200);
  }, 120_000);

  it('stays below the cap whatever a body is made of: half a million events of a few bytes', async () => {
    receiver = await ReceiverProcess.create({ limits: { inFlightBytes: '8 MiB', bodyBytes: '8 MiB', itemBytes: '1 MiB' } });
    await receiver.start();

    expect(await postLong('prod-eu', '{"auditID":"1"}', 7 * MIB)).toBe(200);
    expect(await capBytes()).toBe(520 * MIB);
    expect(receiver.memoryBytes('VmHWM')).toBeLessThan(await capBytes());
  }, 120_000);
});

describe('time', () => {
  const closedAfter = (socket: Socket): Promise<number> => {
    const startedMs = performance.now();
    socket.on('error', () => undefined);
    return new Promise((resolve) => socket.once('close', () => resolve(performance.now() - startedMs)));
  };

  it('ends handshakes, headers, bodies and idle connections that take too long', async () => {
    receiver = await ReceiverProcess.create({ limits: { handshakeSeconds: 1, headerSeconds: 1, bodySeconds: 2, idleSeconds: 1 } });
    await receiver.start();
    const port = Number(new URL(receiver.url).port);
    const silent = connect(port, '127.0.0.1');
    const crowd = await gatherCrowd(receiver, { 'slow-headers': 1, 'slow-body': 1 });
    const { certificatePem, privateKeyPem } = await receiver.certificates.client('prod-eu');
    const idle = connectTls({
      host: '127.0.0.1',
      port,
      ca: receiver.certificates.authority.certificatePem,
      cert: certificatePem,
      key: privateKeyPem,
    });
    const body = oneEvent('1');
    idle.write(`POST /prod-eu HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const [answer] = (await once(idle, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /);

    const times = await Promise.all([closedAfter(silent), closedAfter(idle)]);
    for (const time of times) expect(time).toBeLessThan(8_000);
    // Each of the two was thrown out and came back.
    await expect.poll(() => crowd.made, { timeout: 15_000 }).toBeGreaterThanOrEqual(4);
    crowd.leave();
  }, 30_000);

  it('answers headers that are too long with 431', async () => {
    receiver = await ReceiverProcess.create({ limits: { headerBytes: 2048 } });
    await receiver.start();
    const answer = receiver.post('/prod-eu', oneEvent('1'), {
      agent: await receiver.agent('prod-eu'),
      headers: { 'X-Long': 'x'.repeat(3_000) },
    });

    expect((await answer).status).toBe(431);
  });
});
