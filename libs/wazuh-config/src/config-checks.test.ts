import { runChecks } from '@k8s-audit/checks';
import { expect, it } from 'vitest';
import { CONFIG_CHECKS, type ConfigSight, configChecks } from './config-checks.ts';

const FILEBEAT = 'filebeat.modules:\n  - module: wazuh\n    archives:\n      enabled: false\n';
const conf = (inner: string, ruleset = '<rule_dir>etc/rules</rule_dir>'): string =>
  `<ossec_config><global><logall_json>no</logall_json></global><ruleset>${ruleset}</ruleset>${inner}</ossec_config>`;
const response = (inner: string): string => conf(`<active-response><command>firewall-drop</command>${inner}</active-response>`);

const CASES: readonly (readonly [id: string, sight: ConfigSight, kind: string])[] = [
  ['rules-folder', { ossecConf: conf('', '<rule_dir>ruleset/rules</rule_dir>') }, 'failure'],
  ['rules-folder', { ossecConf: conf('', '<rule_dir>etc/rules</rule_dir><rule_exclude>k8s_audit_rules.xml</rule_exclude>') }, 'failure'],
  ['active-response', { ossecConf: response('<level>3</level>') }, 'warning'],
  ['active-response', { ossecConf: response('<rules_id>5712,110003</rules_id>') }, 'warning'],
  ['active-response', { ossecConf: response('<rules_group>sshd,k8s_audit</rules_group>') }, 'warning'],
  ['active-response', { ossecConf: response('<rules_id>5712</rules_id>') }, 'ok'],
  ['active-response', { ossecConf: response('<level>3</level><disabled>yes</disabled>') }, 'ok'],
  ['archive-settings', { ossecConf: conf('').replace('>no<', '>yes<'), filebeat: FILEBEAT }, 'warning'],
  ['archive-settings', { ossecConf: conf(''), filebeat: FILEBEAT.replace('false', 'true') }, 'warning'],
  ['archive-settings', { ossecConf: conf(''), filebeat: FILEBEAT }, 'ok'],
  ['archive-settings', { ossecConf: conf('') }, 'skipped'],
];

it.each(CASES)('%s for %j', async (id, sight, kind) => {
  const result = (await runChecks(configChecks(async () => sight))).find(({ check }) => check.id === id);
  expect(result?.finding.kind).toBe(kind);
});

it('has a case that complains for each check', () => {
  const complained = CASES.filter(([, , kind]) => kind === 'failure' || kind === 'warning').map(([id]) => id);
  expect(new Set(complained)).toEqual(new Set(CONFIG_CHECKS.map(({ id }) => id)));
});
