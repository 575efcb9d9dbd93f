import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clusterUri, identityOf } from './cluster-identity.ts';
import { createAuthority, issueClusterCertificate, issueServerCertificate } from './issue.ts';
import { signWithNames } from './testing/odd-certificate.ts';

const nowMs = Date.UTC(2026, 10, 24);

it.each(['a', '0', 'prod-eu', 'team.region_1', 'x'.repeat(63)])('reads back the cluster %s', async (cluster) => {
  const certificate = await issueClusterCertificate(await createAuthority({ nowMs }), cluster, { nowMs });

  expect(identityOf(new X509Certificate(certificate.certificatePem))).toEqual({ kind: 'cluster', cluster });
});

it('refuses the receiver’s own certificate', async () => {
  const certificate = await issueServerCertificate(await createAuthority({ nowMs }), ['10.0.0.7'], { nowMs });

  expect(identityOf(new X509Certificate(certificate.certificatePem))).toEqual({ kind: 'refused', reason: 'no-cluster-uri' });
});

// What an authority shared with others might sign: each is built as a real certificate, with any bytes in the URI.
it.each([
  [['k8s-audit://cluster/'], 'odd-cluster-name'],
  [['k8s-audit://cluster/Prod'], 'odd-cluster-name'],
  [['k8s-audit://cluster/-a'], 'odd-cluster-name'],
  [['k8s-audit://cluster/a/b'], 'odd-cluster-name'],
  [['k8s-audit://cluster/a?b'], 'odd-cluster-name'],
  [['k8s-audit://cluster/a%62'], 'odd-cluster-name'],
  [['k8s-audit://cluster/a '], 'odd-cluster-name'],
  [['k8s-audit://cluster/a\n'], 'odd-cluster-name'],
  [['k8s-audit://cluster/a\0'], 'odd-cluster-name'],
  [['k8s-audit://cluster/a, URI:k8s-audit://cluster/b'], 'odd-cluster-name'],
  [['k8s-audit://cluster/a", URI:k8s-audit://cluster/b'], 'odd-cluster-name'],
  [['k8s-audit://cluster:80/a'], 'odd-cluster-name'],
  [['K8S-AUDIT://cluster/a'], 'odd-cluster-name'],
  [['k8s-audit://Cluster/a'], 'odd-cluster-name'],
  [['k8s-audit:cluster/a'], 'odd-cluster-name'],
  [[`k8s-audit://cluster/${'x'.repeat(64)}`], 'odd-cluster-name'],
  [['k8s-audit://cluster/a', 'k8s-audit://cluster/b'], 'several-cluster-uris'],
  [['k8s-audit://cluster/a', 'k8s-audit://cluster/a'], 'several-cluster-uris'],
  [['spiffe://cluster/a'], 'no-cluster-uri'],
  [['x, URI:k8s-audit://cluster/a'], 'no-cluster-uri'],
  [[], 'no-cluster-uri'],
] as const)('refuses the URIs %j', (uris, reason) => {
  expect(identityOf(signWithNames(uris.map((value) => ({ kind: 'uri', value }))))).toEqual({ kind: 'refused', reason });
});

it('looks at URIs only: the same text as a DNS name is nobody', () => {
  const certificate = signWithNames([{ kind: 'dns', value: clusterUri('a') }]);

  expect(identityOf(certificate)).toEqual({ kind: 'refused', reason: 'no-cluster-uri' });
});

it('accepts other names beside the URI', () => {
  const certificate = signWithNames([
    { kind: 'dns', value: 'api.example.com' },
    { kind: 'uri', value: 'spiffe://example.com/x' },
    { kind: 'uri', value: clusterUri('a') },
  ]);

  expect(identityOf(certificate)).toEqual({ kind: 'cluster', cluster: 'a' });
});

it('takes no odd text for a cluster, whatever the bytes of the name', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)) }), (text) => {
      const identity = identityOf(signWithNames([{ kind: 'uri', value: `k8s-audit://cluster/${text}` }]));
      if (/^[a-z0-9][a-z0-9._-]{0,62}$/.test(text)) expect(identity).toEqual({ kind: 'cluster', cluster: text });
      else expect(identity.kind).toBe('refused');
    }),
    { numRuns: 200 },
  );
});
