import type { WantedFile } from '@k8s-audit/host-files';
import { type ActionTools, type HostAction, tryCommand } from './host-actions.ts';
import { planNftables } from './nftables.ts';

export interface FirewallPlan {
  readonly actions: readonly HostAction[];
  /** Of firewalls that keep their rules in files of people. */
  readonly files: readonly WantedFile[];
  readonly notes: readonly string[];
}

const NOTHING: FirewallPlan = { actions: [], files: [], notes: [] };

/**
 * Opens the receiver's port in the firewall that is active; where none is, nothing is done. A port that is open already is not ours to close.
 *
 * @param root '/': of this machine, whose firewall is asked
 */
export async function planFirewall(root: string, port: number, env: ActionTools['env']): Promise<FirewallPlan> {
  if ((await tryCommand(['firewall-cmd', '--state'], env))?.trim() === 'running') {
    const open = (await tryCommand(['firewall-cmd', '--query-port', `${port}/tcp`], env))?.trim();
    if (open === 'yes') return { ...NOTHING, notes: [`firewalld: ${port}/tcp is open already`] };
    const reload = ['firewall-cmd', '--reload'];
    const change = (how: string): string[] => ['firewall-cmd', '--permanent', `--${how}-port=${port}/tcp`];
    return {
      ...NOTHING,
      actions: [{ says: `firewalld: open ${port}/tcp`, run: [change('add'), reload], undo: [change('remove'), reload] }],
    };
  }
  const ufw = await tryCommand(['ufw', 'status'], env);
  if (ufw?.startsWith('Status: active')) {
    if (new RegExp(`^${port}/tcp\\s+ALLOW`, 'm').test(ufw)) return { ...NOTHING, notes: [`ufw: ${port}/tcp is open already`] };
    return {
      ...NOTHING,
      actions: [
        { says: `ufw: allow ${port}/tcp`, run: [['ufw', 'allow', `${port}/tcp`]], undo: [['ufw', 'delete', 'allow', `${port}/tcp`]] },
      ],
    };
  }
  return (await planNftables(root, port, env)) ?? NOTHING;
}
