import type { Environment } from './environment.ts';

/** sd_notify(3). Each message is one datagram; systemd being away loses it, and must not stop the service. */
export interface Notifier {
  ready(status: string): void;
  /** Before a reload; `ready` after it. */
  reloading(): void;
  stopping(): void;
  /** I am alive. */
  watchdog(): void;
}

const SILENT: Notifier = { ready: () => undefined, reloading: () => undefined, stopping: () => undefined, watchdog: () => undefined };

/** Silent where NOTIFY_SOCKET is not set: the service does not run under systemd. */
export async function createNotifier(env: Environment): Promise<Notifier> {
  const path = env['NOTIFY_SOCKET'];
  if (path === undefined || !/^[/@]./.test(path)) return SILENT;
  const { openNotifySocket } = await import('./notify-socket.ts');
  const send = openNotifySocket(path);
  return {
    ready: (status) => send(`READY=1\nSTATUS=${status.replaceAll('\n', ' ')}`),
    // Type=notify-reload wants the time, in microseconds of CLOCK_MONOTONIC.
    reloading: () => send(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => send('STOPPING=1'),
    watchdog: () => send('WATCHDOG=1'),
  };
}
