import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openQueueReader } from '@k8s-audit/wazuh-queue';
import { describe, expect, it, vi } from 'vitest';
import { createNotifier, inheritedSockets, startWatchdog } from './index.ts';

describe('inherited sockets', () => {
  it.each([
    [
      { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'data:admin' },
      [
        { fd: 3, name: 'data' },
        { fd: 4, name: 'admin' },
      ],
    ],
    [{ LISTEN_PID: '7', LISTEN_FDS: '1' }, [{ fd: 3, name: 'unknown' }]],
    [{ LISTEN_PID: '8', LISTEN_FDS: '1' }, []],
    [{ LISTEN_PID: '7', LISTEN_FDS: '-1' }, []],
    [{ LISTEN_PID: '7', LISTEN_FDS: '1e9' }, []],
    [{ LISTEN_PID: '7', LISTEN_FDS: 'x' }, []],
    [{}, []],
  ])('%j', (env, sockets) => {
    expect(inheritedSockets(env, 7)).toEqual(sockets);
  });
});

describe('notifications', () => {
  it('are datagrams in the form of sd_notify, a line each', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'notify-'));
    const told: string[] = [];
    const reader = await openQueueReader({
      socketPath: join(folder, 's'),
      onMessages: (messages) => void told.push(...messages.map((each) => Buffer.from(each).toString())),
    });
    const notifier = await createNotifier({ NOTIFY_SOCKET: join(folder, 's') });
    notifier.ready('two\nlines');
    notifier.watchdog();
    notifier.stopping();
    await expect.poll(() => told).toEqual(['READY=1\nSTATUS=two lines', 'WATCHDOG=1', 'STOPPING=1']);
    await reader.close();
    // systemd is away: nothing happens.
    notifier.watchdog();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([{}, { NOTIFY_SOCKET: '' }, { NOTIFY_SOCKET: 'vsock:2:1' }, { NOTIFY_SOCKET: '@' }])('are none with %j', async (env) => {
    const notifier = await createNotifier(env);
    expect(() => notifier.ready('x')).not.toThrow();
  });
});

describe('the watchdog', () => {
  function pingsIn(ms: number, env: Record<string, string>, isAlive: () => boolean = () => true): number {
    vi.useFakeTimers();
    let pings = 0;
    const notifier = { ready: () => undefined, reloading: () => undefined, stopping: () => undefined, watchdog: () => void pings++ };
    const watchdog = startWatchdog(env, 7, notifier, isAlive);
    vi.advanceTimersByTime(ms);
    watchdog?.stop();
    vi.useRealTimers();
    return pings;
  }

  it('is told three times in each period, while the service is alive', () => {
    expect(pingsIn(60_000, { WATCHDOG_USEC: '30000000' })).toBe(6);
    expect(pingsIn(60_000, { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, () => false)).toBe(0);
  });

  it.each([{}, { WATCHDOG_USEC: '0' }, { WATCHDOG_USEC: 'x' }, { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }])(
    'is not ours with %j',
    (env) => {
      expect(pingsIn(60_000, env as Record<string, string>)).toBe(0);
    },
  );
});
