import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readOssecConf, valuesAt } from './ossec-conf.ts';
import { patchOssecConf } from './patch-ossec-conf.ts';

const PACKAGED = `<!--
  Wazuh - Manager - Default configuration for centos 8.4
-->

<ossec_config>
  <global>
    <jsonout_output>yes</jsonout_output>
    <logall>no</logall>
    <logall_json>no</logall_json>
  </global>

  <localfile>
    <log_format>full_command</log_format>
    <command>netstat -tulpn | sed 's/\\([[:alnum:]]\\+\\)\\ \\+[[:digit:]]\\+/\\1 & >/' | sort</command>
  </localfile>

  <ruleset>
    <!-- Default ruleset -->
    <decoder_dir>ruleset/decoders</decoder_dir>
    <rule_dir>ruleset/rules</rule_dir>
    <list>etc/lists/audit-keys</list>
    <list>etc/lists/amazon/aws-eventnames</list>

    <!-- User-defined ruleset -->
    <rule_dir>etc/rules</rule_dir>
  </ruleset>
</ossec_config>

<ossec_config>
  <localfile>
    <log_format>syslog</log_format>
  </localfile>
</ossec_config>
`;

it('declares a list behind the others, and sets a value in its place', () => {
  const patched = patchOssecConf(PACKAGED, { lists: ['etc/lists/k8s-audit'], global: { logall_json: 'yes' } });

  expect(patched).toBe(
    PACKAGED.replace('<logall_json>no<', '<logall_json>yes<').replace(
      'aws-eventnames</list>\n',
      'aws-eventnames</list>\n    <list>etc/lists/k8s-audit</list>\n',
    ),
  );
  expect(patchOssecConf(patched, { lists: ['etc/lists/k8s-audit'], global: { logall_json: 'yes' } })).toBe(patched);
});

it.each([
  [
    'a setting that is not there',
    '<ossec_config>\n  <global>\n    <logall>no</logall>\n  </global>\n</ossec_config>\n',
    '    <logall_json>yes</logall_json>\n  </global>',
  ],
  [
    'an empty section on one line',
    '<ossec_config><global></global></ossec_config>',
    '<global>\n    <logall_json>yes</logall_json>\n  </global>',
  ],
  [
    'carriage returns',
    '<ossec_config>\r\n<global>\r\n</global>\r\n</ossec_config>\r\n',
    '<global>\r\n  <logall_json>yes</logall_json>\r\n</global>',
  ],
])('adds %s', (_what, text, expected) => {
  expect(patchOssecConf(text, { global: { logall_json: 'yes' } })).toContain(expected);
});

it('sets a value at every place that sets it, and reads no comment', () => {
  const text =
    '<ossec_config><global><logall_json>no</logall_json></global></ossec_config>\n<!-- <ossec_config><global><logall_json>no</logall_json></global></ossec_config> -->\n<ossec_config><global><logall_json> no </logall_json></global></ossec_config>\n';
  const patched = patchOssecConf(text, { global: { logall_json: 'yes' } });

  expect(valuesAt(readOssecConf(patched), ['global', 'logall_json'])).toEqual(['yes', 'yes']);
  expect(patched).toContain('<!-- <ossec_config><global><logall_json>no</logall_json>');
});

it('leaves bytes that are no UTF-8 as they are', () => {
  const bytes = PACKAGED.replace('centos', 'cent\u00f6s');
  expect(patchOssecConf(bytes, { global: { logall_json: 'yes' } })).toContain('cent\u00f6s');
});

it.each([
  ['', 'OSSEC_CONF_UNREADABLE'],
  ['<ossec_config><global>', 'OSSEC_CONF_UNREADABLE'],
  ['<agent_config></agent_config>', 'OSSEC_CONF_UNREADABLE'],
  ['<ossec_config></ossec_config>', 'OSSEC_CONF_UNEXPECTED'],
  ['<ossec_config><global/></ossec_config>', 'OSSEC_CONF_UNEXPECTED'],
])('refuses %j with %s', (text, code) => {
  expect(() => patchOssecConf(text, { global: { logall_json: 'yes' } })).toThrow(expect.objectContaining({ code }));
});

it('finds its changes again in any file that it took, and changes nothing a second time', () => {
  const piece = fc.constantFrom(
    '\n',
    '  ',
    '<!-- c -->',
    '<logall>no</logall>',
    '<logall_json>no</logall_json>',
    '<list>etc/lists/a</list>',
    'x',
  );
  const section = fc.tuple(fc.constantFrom('global', 'ruleset', 'other'), fc.array(piece, { maxLength: 6 }));
  fc.assert(
    fc.property(fc.array(section, { maxLength: 5 }), (sections) => {
      const inner = sections.map(([name, pieces]) => `<${name}>${pieces.join('')}</${name}>\n`).join('');
      const text = `<ossec_config>\n<global>\n</global>\n<ruleset></ruleset>\n${inner}</ossec_config>\n`;
      const changes = { lists: ['etc/lists/b', 'etc/lists/a'], global: { logall_json: 'yes' } };
      const patched = patchOssecConf(text, changes);
      const conf = readOssecConf(patched);

      expect(new Set(valuesAt(conf, ['global', 'logall_json']))).toEqual(new Set(['yes']));
      expect(valuesAt(conf, ['ruleset', 'list'])).toEqual(expect.arrayContaining(changes.lists));
      expect(patchOssecConf(patched, changes)).toBe(patched);
    }),
  );
});
