import { expect, it } from 'vitest';
import { createEmbeddedTransport } from './embedded-transport.ts';

it('is done when the back end is, one batch after another', async () => {
  const log: string[] = [];
  const transport = createEmbeddedTransport(async (messages) => {
    log.push(`begin ${messages.length}`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push('end');
  });
  const outcomes = await Promise.all([transport.send([Buffer.from('a')]), transport.send([Buffer.from('b'), Buffer.from('c')])]);
  expect(outcomes).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
  expect(log).toEqual(['begin 1', 'end', 'begin 2', 'end']);
});

it('refuses what the real one would cut', async () => {
  const transport = createEmbeddedTransport(() => undefined);
  expect(await transport.send([Buffer.alloc(65_535), Buffer.alloc(65_536)])).toEqual({ kind: 'oversize', indexes: [1] });
});

it('passes on what the back end throws, and goes on with the next batch', async () => {
  let calls = 0;
  const transport = createEmbeddedTransport(() => {
    if (++calls === 1) throw new Error('disk full');
  });
  await expect(transport.send([Buffer.from('a')])).rejects.toThrow('disk full');
  expect(await transport.send([Buffer.from('a')])).toEqual({ kind: 'sent' });
});

it('takes nothing once it is closed', async () => {
  const transport = createEmbeddedTransport(() => undefined);
  await transport.close();
  expect(await transport.send([Buffer.from('a')])).toEqual({ kind: 'stopped', sent: 0 });
});
