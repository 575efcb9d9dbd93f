import type { Check, CheckText, Finding } from '@k8s-audit/checks';
import { elementsBelow } from '@k8s-audit/wazuh-xml';
import { elementsAt, readOssecConf, valuesAt } from './ossec-conf.ts';
import { readsArchives } from './patch-filebeat.ts';

export interface ConfigSight {
  /** Bytes as characters (latin1). */
  readonly ossecConf: string;
  /** Absent: Filebeat is on another machine. */
  readonly filebeat?: string;
}

export const CONFIG_CHECKS: readonly CheckText[] = [
  {
    id: 'rules-folder',
    category: 'rules',
    statement: 'Wazuh loads the folder that rules are installed into',
    why: 'Without <rule_dir>etc/rules</rule_dir> in ossec.conf, or with our file in <rule_exclude>, the rules are there and never loaded.',
  },
  {
    id: 'active-response',
    category: 'rules',
    statement: 'no active response fires on an audit event',
    why: 'A firewall-drop on the address of a load balancer or an API server cuts the cluster off. Our own rules carry no_ar; the guide’s three do not.',
  },
  {
    id: 'archive-settings',
    category: 'archive',
    statement: 'Wazuh’s archive is either wholly on or wholly off',
    why: 'logall_json writes archives.json, Filebeat sends it on: with only one of the two the disk fills for nothing, or the index stays empty.',
  },
];

export function configChecks(look: () => Promise<ConfigSight>): readonly Check[] {
  const answers: Readonly<Record<string, (sight: ConfigSight) => Finding>> = {
    'rules-folder': rulesFolder,
    'active-response': activeResponse,
    'archive-settings': archiveSettings,
  };
  return CONFIG_CHECKS.map((text) => ({ ...text, run: async () => (answers[text.id] as (sight: ConfigSight) => Finding)(await look()) }));
}

function rulesFolder({ ossecConf }: ConfigSight): Finding {
  const conf = readOssecConf(ossecConf);
  const folders = valuesAt(conf, ['ruleset', 'rule_dir']);
  if (!folders.includes('etc/rules'))
    return {
      kind: 'failure',
      seen: `rule folders: ${folders.join(', ') || 'none'}`,
      next: 'add <rule_dir>etc/rules</rule_dir> to <ruleset> in ossec.conf',
    };
  const excluded = valuesAt(conf, ['ruleset', 'rule_exclude']).filter((name) => /k8s_/.test(name));
  return excluded.length === 0
    ? { kind: 'ok' }
    : { kind: 'failure', seen: `excluded: ${excluded.join(', ')}`, next: 'take it out of <rule_exclude> in ossec.conf' };
}

/** The guide's rules have level 5; an active response by level, by group or by their ids takes them. */
const GUIDE_IDS = /\b11000[234]\b/;
const GUIDE_LEVEL = 5;

function activeResponse({ ossecConf }: ConfigSight): Finding {
  const conf = readOssecConf(ossecConf);
  const firing = elementsAt(conf, ['active-response']).flatMap((element) => {
    const value = (name: string): string | undefined =>
      elementsBelow(conf.items, element)
        .find((child) => child.name === name)
        ?.content.trim();
    if (value('disabled') === 'yes' || value('command') === undefined) return [];
    const byId = GUIDE_IDS.test(value('rules_id') ?? '');
    const byGroup = (value('rules_group') ?? '').split(/[,|]/).some((group) => group.trim() === 'k8s_audit');
    const level = value('level');
    const byLevel = level !== undefined && Number(level) <= GUIDE_LEVEL;
    return byId || byGroup || byLevel ? [`${value('command')} (${byId ? 'by rule id' : byGroup ? 'by group' : `by level ${level}`})`] : [];
  });
  if (firing.length === 0) return { kind: 'ok' };
  return {
    kind: 'warning',
    seen: `fires on the guide’s rules: ${firing.join(', ')}`,
    next: 'leave the pack guide out, or give that active response other rules_id',
  };
}

function archiveSettings({ ossecConf, filebeat }: ConfigSight): Finding {
  const isWritten = writesArchive(ossecConf);
  if (filebeat === undefined) return { kind: 'skipped', seen: 'no filebeat.yml on this machine' };
  const isSent = readsArchives(filebeat);
  if (isWritten === isSent) return { kind: 'ok', seen: isWritten ? 'on' : 'off' };
  return {
    kind: 'warning',
    seen: isWritten ? 'archives.json is written and not sent to the index' : 'Filebeat waits for an archive that is not written',
    next: 'k8s-audit wazuh install --archive wazuh switches both on, wazuh uninstall both off',
  };
}

/** Whether Wazuh writes archives.json. @param ossecConf bytes as characters (latin1). @throws Failure OSSEC_CONF_UNREADABLE */
export function writesArchive(ossecConf: string): boolean {
  return valuesAt(readOssecConf(ossecConf), ['global', 'logall_json']).at(-1) === 'yes';
}
