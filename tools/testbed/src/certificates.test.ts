import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { createAuthority } from './certificates.ts';

it('issues certificates that their authority, and no other, stands for', async () => {
  const [authority, other] = [await createAuthority('testbed'), await createAuthority('testbed')];
  const { certificate, key } = await authority.issue({ commonName: 'kubernetes-admin', organisations: ['system:masters', 'a, CN=b'] });
  const parsed = new X509Certificate(certificate);

  expect(parsed.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
  expect(parsed.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(parsed.verify(new X509Certificate(other.certificate).publicKey)).toBe(false);
  expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
  // Each group is one organisation, whatever letters it holds.
  expect(parsed.subject.split('\n')).toEqual(['CN=kubernetes-admin', 'O=system:masters', 'O=a\\, CN=b']);
});

it('names a server by address and by name', async () => {
  const authority = await createAuthority('testbed');
  const { certificate } = await authority.issue({ commonName: 'kube-apiserver', hosts: ['127.0.0.1', '::1', 'kubernetes.default.svc'] });
  const parsed = new X509Certificate(certificate);

  expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(parsed.checkIP('::1')).toBe('::1');
  expect(parsed.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc');
  expect(parsed.checkHost('elsewhere')).toBeUndefined();
});
