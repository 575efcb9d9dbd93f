import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyRender } from '../product.ts';
import type { Product } from '../product-process.ts';

/** A policy that is put to the test. */
export interface Subject {
  readonly name: string;
  /** kube-apiserver says of it that it is not what it should be, and loads it: without one such, nobody would know that we look. */
  readonly warns: boolean;
  readonly text: (product: Product, kubernetesVersion: string) => Promise<string>;
}

const PROFILES = ['minimal', 'guide', 'recommended', 'cis', 'everything'] as const;

const ADJUSTED: readonly string[] = [
  '--include-namespace=prod',
  '--include-user=bob=RequestResponse',
  '--include-resource=leases.coordination.k8s.io=Metadata',
  '--exclude-namespace=test',
  '--exclude-user=system:serviceaccount:ops:operator',
  '--exclude-resource=pods/*',
];

export const SUBJECTS: readonly Subject[] = [
  ...PROFILES.map(
    (profile): Subject => ({
      name: profile,
      warns: false,
      text: (product, version) => product.run(policyRender(profile, ['--kubernetes-version', version])),
    }),
  ),
  { name: 'recommended, adjusted', warns: false, text: (product) => product.run(policyRender('recommended', ADJUSTED)) },
  {
    name: 'the guide’s as published',
    warns: true,
    text: async () => readFileSync(join(import.meta.dirname, '../../../../fixtures/guide/audit-policy.yaml'), 'utf8'),
  },
];
