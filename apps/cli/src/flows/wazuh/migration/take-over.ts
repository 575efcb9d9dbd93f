import { GUIDE_UNIT } from '@k8s-audit/wazuh-config';
import { type ActionTools, type HostAction, readUnits, tryCommand } from '../host-actions.ts';
import { ADMIN_SOCKET, SERVICE_UNIT, SOCKET_UNIT } from '../host-places.ts';
import { type ReceiverReadiness, START_WITHIN_MS } from '../receiver-ready.ts';

/** How the guide's service was: it gets back what it had. */
export interface GuideService {
  /** Its unit file. */
  readonly file: string;
  readonly isActive: boolean;
  readonly isEnabled: boolean;
}

export async function guideService(file: string, env: ActionTools['env']): Promise<GuideService> {
  const says = async (question: string): Promise<string | undefined> =>
    (await tryCommand(['systemctl', question, GUIDE_UNIT], env))?.trim();
  return { file, isActive: (await says('is-active')) === 'active', isEnabled: (await says('is-enabled')) === 'enabled' };
}

/**
 * The port changes hands. The guide's service stays enabled until ours is ready, so that a machine that dies between starts the guide's;
 * what it had is given back when the files are as before, because it may need them.
 */
export function takeOverActions(
  { file, isActive, isEnabled }: GuideService,
  listen: ReceiverReadiness['listen'],
  fingerprint: string,
): readonly HostAction[] {
  const ours = [SOCKET_UNIT, SERVICE_UNIT];
  return [
    {
      says: 'systemd: stop the guide’s receiver; API servers ask again within seconds, for 85 s',
      run: [['systemctl', 'stop', GUIDE_UNIT]],
      undo: isActive ? [['systemctl', 'start', GUIDE_UNIT]] : [],
      ofFile: file,
      undoneAfterFiles: true,
    },
    readUnits(),
    {
      says: 'systemd: start the receiver on the same port, with the same certificate',
      run: [['systemctl', 'start', ...ours]],
      undo: [['systemctl', 'stop', ...ours]],
      withinMs: START_WITHIN_MS,
      awaits: { listen, fingerprint, adminSocket: ADMIN_SOCKET },
      explainedBy: ['journalctl', '--unit', SERVICE_UNIT, '--output', 'cat', '--lines', '3', '--no-pager'],
    },
    {
      says: 'systemd: start the receiver at every start of the machine',
      run: [['systemctl', 'enable', ...ours]],
      undo: [['systemctl', 'disable', ...ours]],
    },
    {
      says: 'systemd: and the guide’s no more',
      run: [['systemctl', 'disable', GUIDE_UNIT]],
      undo: isEnabled ? [['systemctl', 'enable', GUIDE_UNIT]] : [],
      ofFile: file,
      undoneAfterFiles: true,
    },
  ];
}

/** The shape of events is no setting that a running receiver takes up; its port stays open meanwhile, with the socket unit. */
export function restartReceiver(listen: ReceiverReadiness['listen'], fingerprint: string): HostAction {
  return {
    says: 'systemd: start the receiver anew; its port stays open',
    run: [['systemctl', 'restart', SERVICE_UNIT]],
    // When all is taken back there is none any more.
    undo: [['sh', '-c', `if systemctl is-active --quiet ${SERVICE_UNIT}; then systemctl restart ${SERVICE_UNIT}; fi`]],
    undoneAfterFiles: true,
    // It first delivers what it can: ten seconds.
    withinMs: 2 * START_WITHIN_MS,
    awaits: { listen, fingerprint, adminSocket: ADMIN_SOCKET },
  };
}
