import { PACKS, type PackName, renderPack } from '@k8s-audit/detections';
import { Failure } from '@k8s-audit/failure';
import { listRuleIds } from '@k8s-audit/wazuh-rules';
import { canReloadRules, type ManagerApi, parseWazuhVersion } from '@k8s-audit/wazuh-server';
import { probeEvent } from './probe-event.ts';

export interface RemoteRules {
  readonly version: string;
  /** In the order in which they are written. `before` undefined: a new file. */
  readonly files: readonly { readonly name: string; readonly before: string | undefined; readonly after: string | undefined }[];
}

export interface RemoteOutcome {
  readonly rules: 'reloaded' | 'restarted' | 'restart-needed';
  /** The rule that takes a probe event; absent after a removal. */
  readonly probe?: string;
}

/**
 * What the manager's API can do of an installation: rules, checked for taken ids first. Receiver, certificates and the archive need the
 * host itself.
 *
 * @throws Failure RULE_ID_CLASH, WAZUH_API_FAILED, RULE_ID_BASE_INVALID
 */
export async function planRemoteInstall(
  api: ManagerApi,
  { packs, idBase }: { readonly packs: readonly PackName[]; readonly idBase?: number },
): Promise<RemoteRules> {
  const ours = new Map(packs.flatMap((pack) => [...renderPack(pack, idBase === undefined ? {} : { idBase })]));
  const { version } = await api.info();
  const ids = [...ours].flatMap(([name, text]) => listRuleIds([{ name, text }]).map(({ id }) => id));
  const clashes = [...(await api.filesOfRules(ids))].filter(([, file]) => !ours.has(file));
  if (clashes.length > 0)
    throw new Failure('RULE_ID_CLASH', `Rule ids are taken: ${clashes.map(([id, file]) => `${id} in ${file}`).join(', ')}.`, {
      hint: 'Choose other ids with --id-base; the guide’s 110002 to 110004 cannot move.',
    });
  const files: RemoteRules['files'][number][] = [];
  for (const [name, after] of ours) {
    const before = await api.readRules(name);
    if (before !== after) files.push({ name, before, after });
  }
  return { version, files };
}

/** Every rule file that the packs could have put there. */
export async function planRemoteUninstall(api: ManagerApi): Promise<RemoteRules> {
  const { version } = await api.info();
  const files: RemoteRules['files'][number][] = [];
  for (const name of PACKS.flatMap((pack) => pack.files).toReversed()) {
    const before = await api.readRules(name);
    if (before !== undefined) files.push({ name, before, after: undefined });
  }
  return { version, files };
}

/**
 * Writes file by file; the API tests each with all others. When one is refused or the probe raises no alert, the files from before come
 * back.
 *
 * @throws Failure WAZUH_API_FAILED, RULES_REFUSED
 */
export async function applyRemote(
  api: ManagerApi,
  { version, files }: RemoteRules,
  options: { readonly mayRestart: boolean; readonly nowMs: number; readonly probes: boolean },
): Promise<RemoteOutcome> {
  const written: RemoteRules['files'][number][] = [];
  try {
    for (const file of files) {
      await put(api, file.name, file.after);
      written.push(file);
    }
    const probe = options.probes ? await probed(api, options.nowMs) : undefined;
    const rules = await inForce(api, version, options.mayRestart);
    return { rules, ...(probe === undefined ? {} : { probe }) };
  } catch (error) {
    for (const { name, before } of written.toReversed()) await put(api, name, before);
    throw error;
  }
}

async function put(api: ManagerApi, name: string, text: string | undefined): Promise<void> {
  await (text === undefined ? api.deleteRules(name) : api.writeRules(name, text));
}

async function probed(api: ManagerApi, nowMs: number): Promise<string> {
  const { rule, isAlert } = await api.logtest(probeEvent(nowMs), 'k8s');
  if (rule === undefined || !isAlert)
    throw new Failure('RULES_REFUSED', 'A created deployment raises no alert with the rules that are there.', {
      hint: 'Nothing was changed. Another rule takes the event: k8s-audit rules explain tells which.',
    });
  return rule.id;
}

async function inForce(api: ManagerApi, version: string, mayRestart: boolean): Promise<RemoteOutcome['rules']> {
  const parsed = parseWazuhVersion(version);
  if (parsed !== undefined && canReloadRules(parsed)) {
    await api.reloadRules();
    return 'reloaded';
  }
  if (!mayRestart) return 'restart-needed';
  await api.restart();
  return 'restarted';
}
