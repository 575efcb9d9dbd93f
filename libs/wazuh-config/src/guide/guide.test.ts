import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseGuideScript, scriptOfUnit } from '../index.ts';

const guide = (name: string): string => readFileSync(join(import.meta.dirname, '../../../../fixtures/guide', name), 'utf8');
const SCRIPT = guide('custom-webhook.py');
const filledIn = SCRIPT.replace('<wazuh_server_ip>', '10.0.0.7');

describe('the guide’s receiver', () => {
  it('is known by its lines, and tells what was filled in', () => {
    expect(parseGuideScript(filledIn)).toEqual({
      kind: 'guide',
      port: 8080,
      host: '10.0.0.7',
      certificate: '/var/ossec/integrations/kubernetes-webhook/server.crt',
      key: '/var/ossec/integrations/kubernetes-webhook/server.key',
      socket: '/var/ossec/queue/sockets/queue',
    });
    expect(parseGuideScript(SCRIPT)).toMatchObject({ kind: 'guide', host: '<wazuh_server_ip>' });
  });

  it.each([
    ['another port and other quotes', /PORT {5}= 8080/, 'PORT="x"', { kind: 'changed', line: 6 }],
    ['another port', /8080/, '9443', { kind: 'guide', port: 9443 }],
    ['another certificate', /CERT {5}= .*/, 'CERT = "/etc/pki/w.crt"', { kind: 'guide', certificate: '/etc/pki/w.crt' }],
    ['comments and blank lines', /app = Flask/, '\n# ours\n\n  app =  Flask', { kind: 'guide' }],
    ['Windows line ends', /\n/g, '\r\n', { kind: 'guide' }],
    [
      'a filter of somebody’s',
      /return True/,
      'if "x" in msg: return True',
      { kind: 'changed', line: 17, found: 'if "x" in msg: return True' },
    ],
    ['another address for its data', /'\/', methods/, "'/audit', methods", { kind: 'changed', line: 20 }],
    ['a line more', /$/, '\nprint("bye")\n', { kind: 'changed', found: 'print("bye")', expected: '(nothing more)' }],
    ['its end cut off', /\nif __name__[\s\S]*/, '', { kind: 'changed', line: 0 }],
    ['no Python at all', /[\s\S]*/, '', { kind: 'changed', line: 0, expected: 'import json' }],
  ])('with %s', (_what, pattern, replacement, expected) => {
    expect(parseGuideScript(filledIn.replace(pattern, replacement))).toMatchObject(expected);
  });
});

it.each([
  ['the guide’s', guide('wazuh-webhook.service'), '/var/ossec/integrations/custom-webhook.py'],
  ['one of another program', '[Service]\nExecStart=/usr/bin/true\n', undefined],
  ['one of another script', '[Service]\nExecStart=/var/ossec/framework/python/bin/python3 /opt/other.py\n', undefined],
  ['one that does two things', 'ExecStart=/bin/a\nExecStart=/var/ossec/framework/python/bin/python3 /x/custom-webhook.py\n', undefined],
  ['an empty one', '', undefined],
])('the script of a unit: %s', (_what, unit, script) => {
  expect(scriptOfUnit(unit)).toBe(script);
});
