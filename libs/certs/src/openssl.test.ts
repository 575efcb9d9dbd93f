import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, type IssueOptions, issueClusterCertificate, issueServerCertificate } from './issue.ts';

const nowMs = Date.now();
const installed = spawnSync('openssl', ['version']).status === 0;
const KINDS = [
  { kind: 'ecdsa', options: { nowMs } },
  { kind: 'rsa', options: { nowMs, algorithm: 'rsa-2048' } },
  { kind: 'guide', options: { nowMs, guideCompatible: true } },
] as const satisfies readonly { kind: string; options: IssueOptions }[];

// A judge that shares no code with the libraries that signed. Skipped where openssl is not installed.
describe.skipIf(!installed).each(KINDS)('openssl on the $kind certificates', ({ kind, options }) => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'certs-'));
    const ca = await createAuthority(options);
    const server = await issueServerCertificate(ca, ['10.0.0.7', 'fd00::7', 'audit.example.com'], options);
    const client = await issueClusterCertificate(ca, 'prod-eu', options);
    const stranger = await createAuthority(options);
    for (const [name, files] of Object.entries({ ca, server, client, stranger })) {
      writeFileSync(join(folder, `${name}.crt`), files.certificatePem);
      writeFileSync(join(folder, `${name}.key`), files.privateKeyPem);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['server.crt', ['-purpose', 'sslserver', '-verify_ip', '10.0.0.7']],
    ['server.crt', ['-purpose', 'sslserver', '-verify_ip', 'fd00::7']],
    ['server.crt', ['-purpose', 'sslserver', '-verify_hostname', 'audit.example.com']],
    ['client.crt', ['-purpose', 'sslclient']],
  ])('accepts %s with %j', (file, flags) => {
    expect(verify(file, flags)).toMatchObject({ status: 0 });
  });

  it.each([
    ['server.crt', ['-purpose', 'sslserver', '-verify_ip', '10.0.0.8'], /IP address mismatch/],
    ['server.crt', ['-purpose', 'sslserver', '-verify_hostname', 'other.example.com'], /hostname mismatch/i],
    ['client.crt', ['-purpose', 'sslserver'], /purpose/],
    ['client.crt', ['-purpose', 'sslclient', '-attime', String(Math.floor(nowMs / 1_000) + 366 * 86_400)], /expired/],
  ])('refuses %s with %j', (file, flags, reason) => {
    const result = verify(file, flags);
    expect(result.status).not.toBe(0);
    expect(result.text).toMatch(reason);
  });

  it('refuses them under another authority of the same name', () => {
    expect(verify('server.crt', [], 'stranger.crt').status).not.toBe(0);
  });

  it('refuses a leaf that signs', () => {
    expect(verify('ca.crt', [], 'client.crt').status).not.toBe(0);
  });

  it.skipIf(kind === 'guide')('does not take the receiver for a cluster', () => {
    expect(verify('server.crt', ['-purpose', 'sslclient'])).toMatchObject({ text: expect.stringMatching(/purpose/) });
  });

  it('shows the extensions in full', () => {
    const text = openssl(['x509', '-noout', '-text', '-in', join(folder, 'server.crt')]).text;
    const usages = {
      ecdsa: 'Digital Signature',
      rsa: 'Digital Signature, Key Encipherment',
      guide: 'Digital Signature, Non Repudiation, Key Encipherment, Data Encipherment',
    };
    expect(text).toContain(`Key Usage: critical\n                ${usages[kind]}\n`);
    expect(text).toContain('IP Address:10.0.0.7, IP Address:FD00:0:0:0:0:0:0:7, DNS:audit.example.com');
    expect(text).toMatch(/Basic Constraints: critical\n\s+CA:FALSE\n/);
    expect(text).toMatch(/Authority Key Identifier: \n\s+(?:keyid:)?[0-9A-F:]{59}\n/);
    expect(openssl(['x509', '-noout', '-text', '-in', join(folder, 'ca.crt')]).text).toMatch(
      /CA:TRUE, pathlen:0[\s\S]*Certificate Sign, CRL Sign/,
    );
  });

  function verify(file: string, flags: readonly string[], authority = 'ca.crt'): { status: number | null; text: string } {
    return openssl(['verify', '-x509_strict', '-CAfile', join(folder, authority), ...flags, join(folder, file)]);
  }
});

function openssl(args: readonly string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}` };
}
