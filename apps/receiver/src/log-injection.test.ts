import { spawnSync } from 'node:child_process';
import { afterEach, expect, it } from 'vitest';
import { oneEvent, ReceiverProcess } from './testing/index.ts';

const HOSTILE = 'mallory\n{"level":"info","event":"ready"}\r\n\u001b[2J\u001b]0;x\u0007\u2028] (any) audit->k8s:1:k8s:{';
let receiver: ReceiverProcess;
afterEach(() => receiver.remove());

/** C0 and C1 letters, which move a terminal's cursor or end a line. */
const controls = (text: string): readonly string[] =>
  [...text].filter((letter) => letter < ' ' || (letter >= '\u007f' && letter < '\u00a0'));

it('lets no event, path or header write a line of the log, or a location', async () => {
  receiver = await ReceiverProcess.create();
  await receiver.start();
  const agent = await receiver.agent('prod-eu');
  const event = oneEvent('1', { user: { username: HOSTILE }, userAgent: HOSTILE, objectRef: { name: HOSTILE }, auditID: HOSTILE });
  expect((await receiver.post('/prod-eu', event, { agent })).status).toBe(200);
  for (const path of ['/prod%0aeu', '/prod-eu/%1b[31m', `/${encodeURIComponent(HOSTILE)}`])
    expect((await receiver.post(path, event, { agent })).status).toBe(404);
  expect((await receiver.post('/other', event, { agent })).status).toBe(403);
  // An odd item is logged too.
  const odd = event.replace('"items":[', `"items":[{"level":${JSON.stringify(HOSTILE)},"auditID":5},`);
  expect((await receiver.post('/prod-eu', odd, { agent })).status).toBe(200);
  await expect.poll(() => receiver.delivered().length).toBe(1);

  expect(receiver.events('ready')).toHaveLength(1);
  for (const line of receiver.log) expect(JSON.stringify(line)).not.toMatch(/mallory|\\u001b/);
  const [sent] = receiver.delivered();
  expect(controls(sent as string)).toEqual([]);
  expect(JSON.parse((sent as string).slice((sent as string).indexOf('{')))).toMatchObject({
    k8s: { cluster: 'prod-eu', user: { username: expect.stringContaining('mallory') } },
  });
});

it('prints nothing for a terminal that a client chose', async () => {
  receiver = await ReceiverProcess.create({ log: { format: 'pretty' } });
  // The path of the configuration stands in the failure, and a person made it; what a client sends does not get there.
  receiver.write('receiver.yaml', JSON.stringify({ listen: { port: '\u001b[31m' } }));
  const { stderr, status } = spawnSync(process.execPath, [
    new URL('./main.ts', import.meta.url).pathname,
    '--config',
    receiver.at('receiver.yaml'),
  ]);

  expect(status).toBe(1);
  expect(controls(stderr.toString()).filter((letter) => letter !== '\n')).toEqual([]);
});
