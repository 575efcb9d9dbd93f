import { PassThrough, Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { CommandIo } from './command-io.ts';
import { confirm } from './confirmation.ts';

function ioWith(answer: string, isTerminal = true): CommandIo {
  const stopSignal = new AbortController().signal;
  return { stdin: Readable.from([answer]), stdout: new PassThrough(), isTerminal, stopSignal } as unknown as CommandIo;
}

it.each([
  ['y\n', true],
  ['YES\n', true],
  ['\n', false],
  ['n\n', false],
  ['yesterday\n', false],
])('takes %j for %j', async (answer, expected) => {
  expect(await confirm(ioWith(answer), 'Go on?', false)).toBe(expected);
});

it('asks nobody with --yes, and refuses to guess without a terminal', async () => {
  expect(await confirm(ioWith('', false), 'Go on?', true)).toBe(true);
  await expect(confirm(ioWith('y\n', false), 'Go on?', false)).rejects.toMatchObject({ code: 'USAGE' });
});
