import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openQueueReader } from '@k8s-audit/wazuh-queue';
import { eventually } from '../eventually.ts';
import type { FaultRow } from '../fault-row.ts';
import { openIdle } from '../raw-connection.ts';
import type { Trial } from '../trial.ts';

/** Row 24. */
export const orderlyStop: FaultRow = {
  id: '24',
  fault: 'SIGTERM under load, twice; SIGHUP with a broken configuration',
  injection:
    'three stops under load, each with a second SIGTERM 100 ms later; then SIGHUP after the configuration was made unreadable, and after it was mended',
  standIn: 'the signals come from the runner, not from an init system',
  isFast: true,
  run: async (trial) => {
    const { findings } = trial;
    const load = trial.load({ workers: 3, listEvents: 10 });
    const stopMs: number[] = [];
    for (let round = 0; round < 3; round++) {
      const receiver = await trial.start();
      load.start();
      await sleep(700);
      const startedAt = performance.now();
      const ended = receiver.stop();
      await sleep(100);
      if (!receiver.hasEnded) receiver.signal('SIGTERM');
      const { code, signal } = await ended;
      stopMs.push(performance.now() - startedAt);
      await load.stop();
      const last = receiver.logged('stopped')[0] as { readonly books?: { readonly total: { readonly spooled: number } } } | undefined;
      findings.check(
        'own',
        `stop ${round + 1}: exit 0, the spool drained`,
        code === 0 && last?.books?.total.spooled === 0,
        `code ${code ?? signal}, ${last?.books?.total.spooled ?? 'no books'} left`,
      );
    }
    findings.check(
      'own',
      'each stop takes less than 15 s (TimeoutStopSec has to be more)',
      Math.max(...stopMs) < 15_000,
      `at most ${Math.round(Math.max(...stopMs))} ms`,
    );
    findings.figure('longest stop, ms', Math.round(Math.max(...stopMs)));

    const receiver = await trial.start();
    await load.settle();
    const file = join(trial.folder, 'receiver.json');
    writeFileSync(file, '{ "listen": { "port": "none" } ');
    receiver.signal('SIGHUP');
    const refused = await eventually(
      () =>
        receiver.lines.some(
          (line) =>
            line.includes('CONFIGURATION_SYNTAX') ||
            line.includes('reload-failed') ||
            line.includes('"level":"error"') ||
            line.includes('configuration-refused'),
        ),
      5_000,
    );
    const result = await trial.postNew(5);
    findings.check(
      'own',
      'a broken configuration keeps the old one, and says so',
      refused !== undefined && result.kind === 'answer' && result.status === 200,
      `${refused === undefined ? 'no line' : 'a line'}, then ${result.kind === 'answer' ? result.status : result.code}`,
    );
    trial.configure();
    receiver.signal('SIGHUP');
    await sleep(500);
    await trial.conclude(receiver, { named: [] });
    const stale = await receiver.adminText('/metrics');
    findings.check(
      'I6',
      'log line stopping, and metrics of reloads, name it',
      receiver.lines.length > 0 && stale.includes('k8s_audit_reloads_total'),
      'k8s_audit_reloads_total, k8s_audit_configuration_stale',
    );
  },
};

/** Row 25. */
export const starvation: FaultRow = {
  id: '25',
  fault: 'no file descriptors, out of memory, 10 % of a processor, a process that hangs',
  injection:
    'RLIMIT_NOFILE of 96 and 200 idle connections; SIGKILL while 12 MiB bodies are in memory; SIGSTOP for 90 ms of every 100 ms for 8 s; SIGSTOP for good under a watchdog',
  standIn:
    'SIGKILL stands for the kernel’s OOM killer, the duty cycle for a cgroup’s cpu.max, and the runner for systemd: it reads NOTIFY_SOCKET, misses WATCHDOG=1, kills and restarts',
  isFast: true,
  run: async (trial) => {
    const { findings } = trial;
    await withoutDescriptors(trial);
    await killedInMemory(trial);
    await withLittleProcessor(trial);
    const receiver = await hangUnderWatchdog(trial);
    await trial.conclude(receiver, { named: [{ logged: 'spool-not-closed', metric: ['k8s_audit_faults_total', 'kind="not-closed"'] }] });
    findings.figure('acknowledged through all of it', trial.oracle.findings().acknowledged);
  },
};

async function withoutDescriptors(trial: Trial): Promise<void> {
  const receiver = await trial.start({}, { wrapper: ['prlimit', '--nofile=96:96'] });
  await trial.postNew(5);
  const idle = await openIdle(receiver.url, 200);
  await sleep(1_000);
  const during = await trial.postNew(5);
  for (const socket of idle) socket.destroy();
  const recoveredMs = await eventually(
    async () => {
      const result = await trial.postNew(1);
      return result.kind === 'answer' && result.status === 200;
    },
    10_000,
    100,
  );
  trial.findings.check(
    'own',
    'descriptors exhausted: it lives, and takes events again when there are some',
    !receiver.hasEnded && recoveredMs !== undefined,
    `${during.kind === 'answer' ? during.status : during.code} meanwhile on a connection that was open, ${recoveredMs === undefined ? 'not' : 'taken'} after it`,
  );
  await receiver.stop();
}

async function killedInMemory(trial: Trial): Promise<void> {
  const receiver = await trial.start();
  const ids = trial.oracle.issue(3);
  const posts = [1, 2, 3, 4].map(() => trial.client.post(trial.oracle.listOf(ids).padEnd(12 << 20, ' ')));
  await sleep(60);
  await receiver.kill();
  const results = await Promise.all(posts);
  if (results.some((each) => each.kind === 'answer' && each.status === 200)) trial.oracle.acknowledge(ids);
  const again = await trial.start();
  const result = await trial.post(ids);
  trial.findings.check(
    'own',
    'killed amid large bodies: the lists are taken again after the restart',
    result.kind === 'answer' && result.status === 200,
    result.kind === 'answer' ? result.status : result.code,
  );
  await again.stop();
}

async function withLittleProcessor(trial: Trial): Promise<void> {
  const receiver = await trial.start();
  const load = trial.load({ workers: 2, listEvents: 10, listsPerSecond: 20 });
  let isOver = false;
  load.start();
  const throttling = (async () => {
    while (!isOver) {
      receiver.signal('SIGSTOP');
      await sleep(90);
      receiver.signal('SIGCONT');
      await sleep(10);
    }
  })();
  await sleep(8_000);
  isOver = true;
  await throttling;
  await load.stop();
  await load.settle();
  trial.findings.check(
    'own',
    'a tenth of a processor: slower, but it goes on',
    load.acknowledgedEvents > 0,
    `${load.acknowledgedEvents} acknowledged in 8 s`,
  );
  await receiver.stop();
}

const WATCHDOG_MS = 2_000;

/** What systemd does with WatchdogSec: the runner is told of life, and kills what gives no sign of it. */
async function hangUnderWatchdog(trial: Trial): Promise<Awaited<ReturnType<Trial['start']>>> {
  const socketPath = join(trial.folder, 'notify');
  let lastSignAt = Number.POSITIVE_INFINITY;
  let isReady = false;
  const notices = await openQueueReader({
    socketPath,
    onMessages: (messages) => {
      for (const message of messages) {
        const text = Buffer.from(message).toString();
        if (text.includes('READY=1')) isReady = true;
        if (text.includes('WATCHDOG=1') || text.includes('READY=1')) lastSignAt = performance.now();
      }
    },
  });
  trial.onClose(() => notices.close());
  const env = { NOTIFY_SOCKET: socketPath, WATCHDOG_USEC: String(WATCHDOG_MS * 1_000) };
  const receiver = await trial.start({}, { env });
  await eventually(() => isReady, 3_000);
  await trial.postNew(20);
  const lived = await watch(
    () => receiver.hasEnded,
    () => performance.now() - lastSignAt,
    3 * WATCHDOG_MS,
  );
  receiver.signal('SIGSTOP');
  const hung = await watch(
    () => receiver.hasEnded,
    () => performance.now() - lastSignAt,
    3 * WATCHDOG_MS,
  );
  await receiver.kill();
  trial.findings.check(
    'own',
    'it says READY=1 and WATCHDOG=1 while it lives, and no more when it hangs',
    isReady && lived === 'alive' && hung === 'silent',
    `ready ${isReady}, ${lived} before, ${hung} after`,
  );
  return trial.start({}, { env: { NOTIFY_SOCKET: socketPath } });
}

async function watch(hasEnded: () => boolean, silentMs: () => number, forMs: number): Promise<'alive' | 'silent' | 'ended'> {
  const until = performance.now() + forMs;
  while (performance.now() < until) {
    if (hasEnded()) return 'ended';
    if (silentMs() > WATCHDOG_MS) return 'silent';
    await sleep(50);
  }
  return 'alive';
}
