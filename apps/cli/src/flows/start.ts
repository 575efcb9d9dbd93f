/**
 * The main job on embedded defaults, top to bottom: certificates, rules, back end, receiver, traffic, alerts.
 * One process group; whatever happens, everything that was started is stopped.
 */
import { join } from 'node:path';
import { renderPack } from '@k8s-audit/detections';
import { Failure } from '@k8s-audit/failure';
import { type Alert, followAlerts } from './alert-tail.ts';
import { type ChildProgram, startChildProgram } from './child-program.ts';
import { createStartFiles, type Running } from './start-files.ts';
import { startTraffic, type TrafficSource } from './start-traffic.ts';
import { takeStateFolder } from './state-folder.ts';

export interface StartOptions {
  readonly stateFolder: string;
  readonly address: string;
  readonly port: number;
  readonly traffic: TrafficSource;
  /** Stop when the recorded traffic is through and its alerts have been shown. */
  readonly once: boolean;
  readonly nowMs: number;
  readonly stopSignal: AbortSignal;
  readonly onStep: (step: string) => void;
  readonly onAlert: (alert: Alert) => void;
  /** Everything is up and the first traffic is on its way. */
  readonly onRunning: (running: Running) => void;
}

/** @throws {Failure} of the folder, the port, the platform, or a program that did not come up */
export async function start(options: StartOptions): Promise<{ readonly alerts: number }> {
  refuseOtherPlatforms();
  const giveBack = takeStateFolder(options.stateFolder);
  const programs: ChildProgram[] = [];
  let alerts = 0;
  let isOver = false;
  try {
    options.onStep('certificates');
    const files = await createStartFiles({ ...options, rules: renderPack('core') });

    options.onStep('embedded Wazuh back end');
    const backend = await startChildProgram('cli', ['embedded', 'run', '--home', files.wazuhHome]);
    programs.push(backend);

    options.onStep('receiver');
    const receiver = await startChildProgram('receiver', ['--config', files.receiverConfiguration]);
    programs.unshift(receiver);

    const showing = showAlerts(
      join(files.wazuhHome, 'logs/alerts/alerts.json'),
      () => isOver,
      (alert) => {
        alerts++;
        options.onAlert(alert);
      },
    );
    const running: Running = { receiverUrl: String(receiver.ready['url']), adminUrl: String(receiver.ready['admin']), files };
    options.onRunning(running);
    const traffic = await startTraffic(options.traffic, running, options.stopSignal, options.onStep);
    programs.unshift(...traffic.programs);

    await untilOver(options, traffic.finished, programs);
    // In this order: no more traffic, the receiver drains into the back end, the back end writes its last alerts.
    for (const program of programs.splice(0)) await program.stop();
    isOver = true;
    await showing;
    return { alerts };
  } finally {
    isOver = true;
    for (const program of programs) await program.stop();
    giveBack();
  }
}

async function showAlerts(file: string, isOver: () => boolean, onAlert: (alert: Alert) => void): Promise<void> {
  for await (const alert of followAlerts(file, isOver)) onAlert(alert);
}

/** Until Ctrl-C, or with `once` until the traffic is through. A program that ends by itself before is a failure. */
async function untilOver(options: StartOptions, trafficFinished: Promise<void>, programs: readonly ChildProgram[]): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (options.stopSignal.aborted) resolve();
    options.stopSignal.addEventListener('abort', () => resolve());
  });
  const died = Promise.race(programs.map((program) => program.ended.then((code) => ({ program, code })))).then(({ program, code }) => {
    if (options.stopSignal.aborted) return;
    throw new Failure(
      'CHILD_FAILED',
      `${program.name} ended by itself with code ${code}; it said last:\n  ${program.lastLines().join('\n  ')}`,
      {
        hint: 'mend what the lines above name',
      },
    );
  });
  // A recording that cannot be posted ends the run either way; one that is through does so only with `once`.
  await Promise.race([stopped, died, trafficFinished.then(() => (options.once ? undefined : stopped))]);
}

function refuseOtherPlatforms(): void {
  if (process.platform !== 'linux')
    throw new Failure(
      'PLATFORM_UNSUPPORTED',
      `the receiver speaks to Wazuh over a Linux unix datagram socket, and this is ${process.platform}`,
      {
        hint: 'run it on a Linux machine, in a virtual machine or in a container',
      },
    );
}
