/**
 * The receiver under what systemd does to a service, by stand-ins: a socket for its notifications, a listening socket that outlives it,
 * the environment. systemd itself as process 1 is not needed for that, and not run here.
 */
import { openQueueReader, type QueueReader } from '@k8s-audit/wazuh-queue';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { oneEvent, ReceiverProcess } from './testing/index.ts';
import { keepListeningSocket } from './testing/kept-socket.ts';

let receiver: ReceiverProcess;
let reader: QueueReader;
const told: string[] = [];
beforeEach(async () => {
  told.length = 0;
  receiver = await ReceiverProcess.create();
  reader = await openQueueReader({
    socketPath: receiver.at('notify'),
    onMessages: (messages) => void told.push(...messages.map((each) => Buffer.from(each).toString())),
  });
});
afterEach(async () => {
  await receiver.remove();
  await reader.close();
});

it('says when it is ready, reloads and stops, and that it is alive meanwhile', async () => {
  await receiver.start({ env: { NOTIFY_SOCKET: receiver.at('notify'), WATCHDOG_USEC: '300000' } });
  await expect.poll(() => told[0]).toBe(`READY=1\nSTATUS=takes events on ${receiver.url}`);
  await expect.poll(() => told.filter((each) => each === 'WATCHDOG=1').length).toBeGreaterThan(2);

  receiver.signal('SIGHUP');
  await expect.poll(() => told.filter((each) => each.startsWith('READY=1')).length).toBe(2);
  expect(told.find((each) => each.startsWith('RELOADING=1'))).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
  await receiver.stop();
  expect(told.filter((each) => each !== 'WATCHDOG=1').map((each) => each.split('\n')[0])).toEqual([
    'READY=1',
    'RELOADING=1',
    'READY=1',
    'STOPPING=1',
  ]);
});

it('says nothing while its event loop stands still, so that the watchdog can bite', async () => {
  await receiver.start({ env: { NOTIFY_SOCKET: receiver.at('notify'), WATCHDOG_USEC: '300000' } });
  await expect.poll(() => told.includes('WATCHDOG=1')).toBe(true);
  receiver.signal('SIGSTOP');
  // What was on its way when it stopped.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const before = told.length;
  await new Promise((resolve) => setTimeout(resolve, 600));

  expect(told.length).toBe(before);
  receiver.signal('SIGCONT');
  await expect.poll(() => told.length).toBeGreaterThan(before);
});

it('restarts behind a socket that systemd keeps without one refused connection', async () => {
  const keeper = keepListeningSocket();
  const start = (): Promise<void> => receiver.start({ fds: [keeper.fd], wrap: 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=data exec "$@"' });
  await start();
  const { url } = receiver;
  const agent = await receiver.agent('prod-eu');
  const answers: string[] = [];
  let isDone = false;
  const client = (async () => {
    for (let count = 0; !isDone; count++)
      answers.push(await receiver.post('/prod-eu', oneEvent(String(count)), { agent }).then(({ status }) => String(status), String));
  })();

  for (let restart = 0; restart < 2; restart++) {
    await expect.poll(() => answers.length, { timeout: 10_000 }).toBeGreaterThan((restart + 1) * 5);
    await receiver.stop();
    await start();
    expect(receiver.url).toBe(url);
  }
  isDone = true;
  await client;
  keeper.close();

  expect(new Set(answers)).toEqual(new Set(['200']));
  await expect.poll(() => receiver.delivered().length).toBe(answers.length);
});

it('takes no socket that was meant for another process', async () => {
  await receiver.start({ env: { LISTEN_PID: '1', LISTEN_FDS: '1' } });

  expect((await receiver.post('/prod-eu', oneEvent('1'), { agent: await receiver.agent('prod-eu') })).status).toBe(200);
});
