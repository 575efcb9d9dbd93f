import { type ActionTools, type HostAction, tryCommand } from './host-actions.ts';

/** Opens the receiver's port in the firewall that is active; where none is, or one that we do not write into, nothing is done. */
export async function firewallActions(
  port: number,
  env: ActionTools['env'],
): Promise<{ readonly actions: readonly HostAction[]; readonly note?: string }> {
  if ((await tryCommand(['firewall-cmd', '--state'], env))?.trim() === 'running') {
    const open = (await tryCommand(['firewall-cmd', '--query-port', `${port}/tcp`], env))?.trim();
    if (open === 'yes') return { actions: [], note: `firewalld: ${port}/tcp is open already` };
    const reload = ['firewall-cmd', '--reload'];
    const change = (how: string): string[] => ['firewall-cmd', '--permanent', `--${how}-port=${port}/tcp`];
    return { actions: [{ says: `firewalld: open ${port}/tcp`, run: [change('add'), reload], undo: [change('remove'), reload] }] };
  }
  const ufw = await tryCommand(['ufw', 'status'], env);
  if (ufw?.startsWith('Status: active')) {
    if (new RegExp(`^${port}/tcp\\s+ALLOW`, 'm').test(ufw)) return { actions: [], note: `ufw: ${port}/tcp is open already` };
    return {
      actions: [
        { says: `ufw: allow ${port}/tcp`, run: [['ufw', 'allow', `${port}/tcp`]], undo: [['ufw', 'delete', 'allow', `${port}/tcp`]] },
      ],
    };
  }
  const tables = await tryCommand(['nft', 'list', 'chains'], env);
  if (tables !== undefined && /hook input [^\n]*policy drop/.test(tables))
    return {
      actions: [],
      note: `nftables drops what it does not know: add \`tcp dport ${port} accept\` to the chain with "hook input" in your own rule file`,
    };
  return { actions: [] };
}
