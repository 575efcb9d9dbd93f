import { inspectInstallation } from '@k8s-audit/wazuh-server';
import { createWazuhTree, type WazuhTree } from '@k8s-audit/wazuh-server/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { planInstall } from './plan-install.ts';

let tree: WazuhTree;
beforeEach(() => {
  tree = createWazuhTree();
});
afterEach(() => tree.remove());

it.each(['/root/k8s-audit/bin/k8s-audit-receiver', '/home/ada/k8s-audit/bin/k8s-audit-receiver'])(
  'refuses a program that the service could not see: %s',
  async (program) => {
    const options = { root: '/', packs: ['core' as const], hosts: ['10.0.0.7'], clusters: [], program, nowMs: Date.now(), env: {} };
    await expect(planInstall(await inspectInstallation(tree.root), options)).rejects.toMatchObject({
      code: 'PROGRAM_MISSING',
      hint: expect.stringContaining('/opt/k8s-audit'),
    });
  },
);
