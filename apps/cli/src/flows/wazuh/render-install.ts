import { join } from 'node:path';
import { unifiedDiff } from '@k8s-audit/text-edits';
import { renderWazuhVersion } from '@k8s-audit/wazuh-server';
import { renderArchiveForecast } from './archive/forecast.ts';
import type { KeptChange } from './archive/kept-change.ts';
import type { HostAction } from './host-actions.ts';
import type { Installed, PlannedInstallation } from './install.ts';
import type { RemoteOutcome, RemoteRules } from './remote-rules.ts';
import type { Uninstalled } from './uninstall.ts';

/** Wazuh's own Python: what goes there are packages, hundreds of files that nobody reads one by one. */
const PYTHON = 'framework/python/';
/** Keys and certificates are named, not shown. */
const SECRET = /[.](key|crt|cert|pem)$/;

/** What became of the rules, after an installation and after its removal. */
const RULES_SAID: Readonly<Record<Installed['reload']['kind'], string>> = {
  reloaded: 'rules: read anew without a restart',
  restarted: 'rules: in force after a restart of the manager',
  'restart-needed': 'rules: in force after the next restart (systemctl restart wazuh-manager): this version cannot reload them',
  refused: 'rules: refused',
  unavailable: 'rules: wazuh-analysisd does not answer; it reads them when it starts',
  'nothing-new': 'rules: nothing to read anew',
};

/** What would be done, for a person who decides: what is there, each file as a diff, each command. */
export function renderPlan({ installation: { home, type, version, node }, plan, files, archive }: PlannedInstallation): string {
  const where = node === 'single' ? '' : `, ${node} of a Wazuh cluster`;
  const [packages, shown] = partition(files.files, ({ path, after }) => after.kind === 'absent' && path.startsWith(join(home, PYTHON)));
  const diffs = shown.map(({ path, before, after, beforeBytes, afterBytes }) => {
    if (SECRET.test(path)) return `${before.kind === 'absent' ? 'new' : 'replaced'}: ${path}${modeOf(after)}\n`;
    return unifiedDiff(
      path,
      before.kind === 'absent' ? undefined : beforeBytes.toString(),
      after.kind === 'absent' ? undefined : afterBytes.toString(),
    );
  });
  return [
    `Wazuh ${renderWazuhVersion(version)} (${type}${where}) in ${home}\n`,
    ...section('Found, as the guide leaves it', plan.found ?? []),
    ...section('Archive', archive === undefined ? [] : renderArchiveForecast(archive)),
    ...(packages.length === 0 ? [] : [`removed: ${packages.length} files of these packages, below ${join(home, PYTHON)}\n`]),
    ...(files.files.length === 0 ? ['Every file is as it should be.\n'] : diffs),
    ...section('Commands', [...plan.before, ...plan.after].filter(({ keeps }) => keeps === undefined).map(actionText)),
    ...plan.after.flatMap(({ says, keeps }) => (keeps === undefined ? [] : [`${says}\n${jsonDiff(keeps)}`])),
    ...section('Note', plan.notes),
  ].join('\n');
}

export function renderInstalled({ changedFiles, reload, nodes, probe }: Installed, nextSteps: readonly string[]): string {
  return [
    `${changedFiles.length} files written.`,
    RULES_SAID[reload.kind],
    ...(nodes === undefined ? [] : [`rules: read anew on ${nodes.join(', ')}`]),
    probe.kind === 'alert' ? `probe: a created deployment raises rule ${probe.rule}` : `probe: not asked, ${probe.because}`,
    '',
    ...section('Next', nextSteps),
  ].join('\n');
}

/** Of what an indexer keeps: as it is there, and as it will be. */
function jsonDiff({ name, before, after }: KeptChange): string {
  const text = (value: object | undefined): string | undefined =>
    value === undefined ? undefined : `${JSON.stringify(value, undefined, 2)}\n`;
  return unifiedDiff(name, text(before), text(after));
}

export function renderUninstalled({ paths, servers, problems, stays, reload }: Uninstalled, isDryRun: boolean): string {
  const heads = { 'as-before': 'as before ', removed: 'removed   ', 'own-parts': 'own lines ', left: 'left as is' };
  const lines = paths.map(({ path, how, takenOut, left }) => {
    const detail = [...takenOut.map((part) => `    taken out: ${part}`), ...left.map((part) => `    left: ${part}`)];
    return [`  ${heads[how]}  ${path}`, ...detail].join('\n');
  });
  return [
    isDryRun ? 'Would be taken back:' : 'Taken back:',
    ...lines,
    ...servers.map((line) => `  ${line}`),
    ...problems.map((problem) => `  not taken back: ${problem}`),
    ...(reload === undefined ? [] : [RULES_SAID[reload.kind]]),
    '',
    ...section(
      'Stays, because it was changed after the installation; keep it, or remove it by hand (certificates among it a new installation makes anew)',
      stays.map((path) => `rm ${path}`),
    ),
  ].join('\n');
}

export function renderRemotePlan({ version, files }: RemoteRules): string {
  const diffs = files.map(({ name, before, after }) => unifiedDiff(`/var/ossec/etc/rules/${name}`, before, after));
  return `${[`Wazuh ${version}, through its API`, ...(diffs.length === 0 ? ['Every rule file is as it should be.'] : diffs)].join('\n')}\n`;
}

export function renderRemoteOutcome({ rules, probe }: RemoteOutcome): string {
  const said = {
    reloaded: 'rules: read anew without a restart',
    restarted: 'rules: in force after the restart that was begun',
    'restart-needed': 'rules: in force after the next restart: this version cannot reload them',
  }[rules];
  return probe === undefined ? said : `${said}\nprobe: a created deployment raises rule ${probe}`;
}

function actionText({ says, run }: HostAction): string {
  return `${says}: ${run.map((command) => command.join(' ')).join('; ')}`;
}

function partition<Item>(all: readonly Item[], isFirst: (item: Item) => boolean): readonly [readonly Item[], readonly Item[]] {
  return [all.filter(isFirst), all.filter((item) => !isFirst(item))];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:\n${lines.map((line) => `  ${line}\n`).join('')}`];
}

function modeOf(state: PlannedInstallation['files']['files'][number]['after']): string {
  return state.kind === 'absent' ? '' : ` (mode ${state.mode.toString(8)}, owner ${state.owner.uid}:${state.owner.gid})`;
}
