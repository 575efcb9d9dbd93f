import { createAuthority, issueServerCertificate } from '@k8s-audit/certs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManagerApi, type ManagerApi } from './manager-api.ts';
import { type ManagerApiStandIn, startManagerApiStandIn } from './testing/manager-api-stand-in.ts';

let standIn: ManagerApiStandIn;
let api: ManagerApi;
let authority: string;
beforeAll(async () => {
  const nowMs = Date.now();
  const ca = await createAuthority({ nowMs });
  const { privateKeyPem, certificatePem } = await issueServerCertificate(ca, ['127.0.0.1'], { nowMs });
  authority = ca.certificatePem;
  standIn = await startManagerApiStandIn({ key: privateKeyPem, cert: certificatePem });
});
beforeEach(() => {
  api = createManagerApi({ url: standIn.url, user: 'wazuh', password: 'secret', authority });
});
afterAll(() => standIn.close());

it('writes, reads, finds and deletes rule files', async () => {
  expect(await api.readRules('k8s_audit_rules.xml')).toBeUndefined();
  await api.writeRules('k8s_audit_rules.xml', '<group name="k8s,"><rule id="118000" level="0"></rule></group>');

  expect(await api.readRules('k8s_audit_rules.xml')).toContain('118000');
  expect(await api.filesOfRules([118000, 5])).toEqual(new Map([[118000, 'k8s_audit_rules.xml']]));
  await api.deleteRules('k8s_audit_rules.xml');
  expect(await api.readRules('k8s_audit_rules.xml')).toBeUndefined();
});

it('says what the manager says of rules that do not load', async () => {
  standIn.refusal = 'XML syntax error';
  await expect(api.writeRules('k8s_audit_rules.xml', '<')).rejects.toMatchObject({
    code: 'WAZUH_API_FAILED',
    message: expect.stringContaining('XML syntax error'),
  });
  standIn.refusal = undefined;
});

it('logs in again when its token has ended', async () => {
  expect(await api.info()).toEqual({ version: 'v4.14.7' });
  standIn.endTokens();
  expect(await api.logtest('{}', 'k8s')).toEqual({ rule: { id: '118211', level: 5 }, isAlert: true });
});

describe('of a Wazuh cluster', () => {
  const nodes = ['master', 'worker-1', 'worker-2'];
  beforeEach(() => {
    api = createManagerApi({ url: standIn.url, user: 'wazuh', password: 'secret', authority, synchronizesWithinMs: 1_000 });
    standIn.calls.length = 0;
  });
  afterEach(() => {
    standIn.cluster = undefined;
  });

  it('lets every node read the rules, and none before it has them', async () => {
    standIn.cluster = { nodes, behindFor: 3 };
    expect(await api.reloadRules()).toEqual(nodes);
    expect(standIn.tooEarly).toEqual([]);
    expect(standIn.calls.filter((call) => call.includes('synchronization'))).toHaveLength(4);
    expect(standIn.calls).not.toContain('PUT /manager/analysisd/reload');
  });

  it('says which node does not get the rules', async () => {
    standIn.cluster = { nodes, behindFor: Number.POSITIVE_INFINITY };
    await expect(api.reloadRules()).rejects.toMatchObject({
      code: 'WAZUH_API_FAILED',
      message: expect.stringContaining('worker-2: not the master’s rules'),
    });
    expect(standIn.calls).not.toContain('PUT /cluster/analysisd/reload');
  });

  it('restarts all of it, and of a manager that is alone that one', async () => {
    standIn.cluster = { nodes, behindFor: 0 };
    await api.restart();
    standIn.cluster = undefined;
    await api.restart();
    await api.reloadRules();
    expect(standIn.calls.filter((call) => call.startsWith('PUT'))).toEqual([
      'PUT /cluster/restart',
      'PUT /manager/restart',
      'PUT /manager/analysisd/reload',
    ]);
  });
});

it.each([
  ['a wrong password', () => createManagerApi({ url: standIn.url, user: 'wazuh', password: 'no', authority })],
  ['an authority that is not the API’s', () => createManagerApi({ url: standIn.url, user: 'wazuh', password: 'secret' })],
  ['nobody there', () => createManagerApi({ url: 'https://127.0.0.1:1', user: 'wazuh', password: 'secret' })],
])('fails with %s', async (_what, create) => {
  await expect(create().info()).rejects.toMatchObject({ code: 'WAZUH_API_FAILED' });
});
