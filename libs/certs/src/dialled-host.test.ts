import type { X509Certificate } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { dialledHosts, isHostCovered } from './dialled-host.ts';
import { createAuthority, issueServerCertificate } from './issue.ts';
import { parseCertificates } from './pem.ts';

let certificate: X509Certificate;
beforeAll(async () => {
  const issue = { nowMs: Date.UTC(2026, 10, 26) };
  const server = await issueServerCertificate(await createAuthority(issue), ['10.0.0.7', 'fd00::7', 'audit.example.com'], issue);
  [certificate] = parseCertificates(server.certificatePem);
});

it.each([
  ['10.0.0.7', true],
  ['10.0.0.8', false],
  ['fd00::7', true],
  ['fd00:0:0:0:0:0:0:7', true],
  ['[fd00::7]', true],
  ['fd00::8', false],
  ['audit.example.com', true],
  ['Audit.Example.com', true],
  ['example.com', false],
  ['sub.audit.example.com', false],
  ['k8s-audit receiver', undefined],
])('%s in the certificate: %s', (host, covered) => {
  if (covered === undefined) expect(() => isHostCovered(certificate, host)).toThrow(expect.objectContaining({ code: 'HOST_INVALID' }));
  else expect(isHostCovered(certificate, host)).toBe(covered);
});

it('does not take the common name for a name', async () => {
  const issue = { nowMs: Date.UTC(2026, 10, 26), guideCompatible: true };
  const guide = await issueServerCertificate(await createAuthority(issue), ['192.168.1.5'], issue);
  const [only] = parseCertificates(guide.certificatePem);

  expect(only.subject).toContain('CN=192.168.1.5');
  expect([isHostCovered(only, '192.168.1.5'), isHostCovered(only, 'wazuh')]).toEqual([true, false]);
});

it('tells the addresses of a machine apart by who can dial them', () => {
  const at = (name: string, address: string, internal = false): Parameters<typeof dialledHosts>[1][number] => ({
    interface: name,
    address,
    internal,
  });
  const hosts = dialledHosts(certificate, [
    at('lo', '127.0.0.1', true),
    at('eth0', '10.0.0.7'),
    at('eth1', '192.168.7.7'),
    at('eth0', 'fd00::7'),
    at('eth0', 'fe80::1'),
    at('eth2', '169.254.3.4'),
    at('docker0', '172.17.0.1'),
    at('br-0123456789ab', '172.18.0.1'),
    at('bridge0', '10.9.0.1'),
  ]);

  expect(hosts.map(({ host, reach, isCovered }) => `${host} ${reach} ${isCovered}`)).toEqual([
    '127.0.0.1 loopback false',
    '10.0.0.7 network true',
    '192.168.7.7 network false',
    'fd00::7 network true',
    'fe80::1 link-local false',
    '169.254.3.4 link-local false',
    '172.17.0.1 bridge false',
    '172.18.0.1 bridge false',
    '10.9.0.1 network false',
  ]);
});
