import { expect, it } from 'vitest';
import { patchFilebeat, readsArchives } from './patch-filebeat.ts';

const PACKAGED = `# Wazuh - Filebeat configuration file
output.elasticsearch.hosts:
  - 127.0.0.1:9200
setup.template.json.enabled: true
filebeat.modules:
  - module: wazuh
    alerts:
      enabled: true
    archives:
      enabled: false # see the documentation
setup.ilm.enabled: false
`;

it('changes one word of the packaged file', () => {
  const on = patchFilebeat(PACKAGED, { archives: true });

  expect(on).toBe(PACKAGED.replace('enabled: false #', 'enabled: true #'));
  expect(patchFilebeat(on, { archives: true })).toBe(on);
  expect(patchFilebeat(on, { archives: false })).toBe(PACKAGED);
});

it.each([
  ['the section is not there', '  - module: wazuh\n    alerts:\n      enabled: true\n', '    archives:\n      enabled: true\n'],
  ['the section lacks the key', '  - module: wazuh\n    archives:\n      input: {}\n', '      enabled: true\n'],
  ['the list is not indented', '- module: system\n- module: wazuh\n', '  archives:\n    enabled: true\n'],
])('adds lines where %s', (_what, module, added) => {
  const text = `filebeat.modules:\n${module}`;
  const patched = patchFilebeat(`${text}other: 1\n`, { archives: true });

  expect(patched).toBe(`${text}${added}other: 1\n`);
  expect(patchFilebeat(text.trimEnd(), { archives: true })).toBe(`${text}${added}`);
  expect(patchFilebeat(`${text}other: 1\n`.replaceAll('\n', '\r\n'), { archives: true })).toBe(patched.replaceAll('\n', '\r\n'));
});

it('reads the nested form of the key too', () => {
  const text = 'filebeat:\n  modules:\n    - module: wazuh\n      archives: {enabled: false}\n';
  expect(patchFilebeat(text, { archives: true })).toBe(text.replace('false', 'true'));
  expect(readsArchives(text)).toBe(false);
});

it.each(['', 'filebeat.modules: 1', 'filebeat.modules: [{module: nginx}]', 'a: [', 'filebeat.modules:\n- module: wazuh\n  archives: on\n'])(
  'refuses %j and says what to do',
  (text) => {
    expect(() => patchFilebeat(text, { archives: true })).toThrow(expect.objectContaining({ code: 'FILEBEAT_UNEXPECTED' }));
  },
);
