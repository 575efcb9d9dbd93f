import { createAuthority, issueServerCertificate } from '@k8s-audit/certs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
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

it.each([
  ['a wrong password', () => createManagerApi({ url: standIn.url, user: 'wazuh', password: 'no', authority })],
  ['an authority that is not the API’s', () => createManagerApi({ url: standIn.url, user: 'wazuh', password: 'secret' })],
  ['nobody there', () => createManagerApi({ url: 'https://127.0.0.1:1', user: 'wazuh', password: 'secret' })],
])('fails with %s', async (_what, create) => {
  await expect(create().info()).rejects.toMatchObject({ code: 'WAZUH_API_FAILED' });
});
