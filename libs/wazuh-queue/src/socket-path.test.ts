import { expect, it } from 'vitest';
import { checkSocketPath } from './socket-path.ts';

it('takes what fits into the kernel’s structure, to the last byte', () => {
  expect(() => checkSocketPath(`/${'x'.repeat(106)}`, 'linux')).not.toThrow();
});

it.each([`/${'x'.repeat(107)}`, `/${'ä'.repeat(54)}`, '', '/var/\0'])('refuses %j', (path) => {
  expect(() => checkSocketPath(path, 'linux')).toThrow(expect.objectContaining({ code: 'QUEUE_PATH_INVALID' }));
});

it.each(['darwin', 'win32', 'freebsd'])('says on %s what to use instead', (platform) => {
  expect(() => checkSocketPath('/x', platform)).toThrow(
    expect.objectContaining({ code: 'QUEUE_UNSUPPORTED', hint: expect.stringContaining('embedded') }),
  );
});
