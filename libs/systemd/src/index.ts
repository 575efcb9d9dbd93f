/** What a service tells systemd and gets from it: readiness, watchdog, sockets. Without systemd nothing happens. */
export { type InheritedSocket, inheritedSockets } from './inherited-sockets.ts';
export { createNotifier, type Notifier } from './notifier.ts';
export { startWatchdog, type Watchdog } from './watchdog.ts';
