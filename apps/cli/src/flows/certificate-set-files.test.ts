import { createPrivateKey } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AuthorityStep,
  type CertificateSet,
  certificateOf,
  changeAuthority,
  isIssuedBy,
  type Leaf,
  parseCertificates,
  phaseOf,
} from '@k8s-audit/certs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { changedFiles, readCertificateSet, writeChanges } from './certificate-set-files.ts';
import { createCertificates } from './create-certificates.ts';

const nowMs = Date.now();
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'certificate-set-'));
  await createCertificates({
    folder: join(folder, 'before'),
    issue: { nowMs },
    hosts: ['10.0.0.7'],
    defaultHosts: [],
    clusters: ['prod-eu'],
    replace: false,
    dryRun: false,
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const isTrusted = (trustPem: string, leaf: Leaf): boolean =>
  parseCertificates(trustPem).some((authority) => isIssuedBy(certificateOf(leaf), authority));
/** The receiver trusts the cluster and is trusted by it, so far as files on this machine go. */
const isConnected = ({ receiver, clusters }: CertificateSet): boolean => {
  const cluster = clusters.get('prod-eu') as Leaf;
  return receiver !== undefined && isTrusted(receiver.trustPem, cluster) && isTrusted(cluster.trustPem, receiver);
};

it('can be cut off after every file of every step: all still trust each other, and the step again ends it', async () => {
  let root = join(folder, 'before');
  let cuts = 0;
  for (const step of ['begin', 'switch', 'finish'] satisfies AuthorityStep[]) {
    const before = await readCertificateSet(root);
    const after = await changeAuthority(before, step, { nowMs });
    const changes = changedFiles(root, before, after);
    for (let done = 0; done < changes.length; done++) {
      const cut = join(folder, `${step}-${done}`);
      cpSync(root, cut, { recursive: true });
      await writeChanges(changedFiles(cut, before, after).slice(0, done));
      const half = await readCertificateSet(cut);
      expect([step, done, isConnected(half)]).toEqual([step, done, true]);

      const isComplete = step === 'finish' && phaseOf(half) === 'steady' && half.next === undefined;
      if (!isComplete) await writeChanges(changedFiles(cut, half, await changeAuthority(half, step, { nowMs })));
      const ended = await readCertificateSet(cut);
      expect(isConnected(ended)).toBe(true);
      for (const leaf of [ended.receiver as Leaf, ended.clusters.get('prod-eu') as Leaf])
        expect(certificateOf(leaf).checkPrivateKey(createPrivateKey(leaf.privateKeyPem))).toBe(true);
      cuts++;
    }
    const written = join(folder, step);
    cpSync(root, written, { recursive: true });
    await writeChanges(changedFiles(written, before, after));
    expect(await readCertificateSet(written)).toEqual(after);
    root = written;
  }
  expect(cuts).toBe(14);
});

it('refuses a cluster’s folder with a name that no cluster can have', async () => {
  const root = join(folder, 'before');
  mkdirSync(join(root, 'clusters'), { recursive: true });
  cpSync(join(root, 'clusters/prod-eu'), join(root, 'clusters/Prod EU'), { recursive: true });

  await expect(readCertificateSet(root)).rejects.toMatchObject({ code: 'CLUSTER_NAME_INVALID' });
});
