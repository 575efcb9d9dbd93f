import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createAuthority, issueServerCertificate } from '@k8s-audit/certs';

export interface GuideOptions {
  /** `<wazuh_server_ip>`, and the port of its CONFIG. */
  readonly host: string;
  readonly port: number;
  /** Rules that somebody hung below the guide's, in its local_rules.xml. */
  readonly userRules?: string;
}

/** A user's own rule below 110002. */
export const USER_RULE = 110_100;
const USER_RULES = `<group name="local,k8s_audit,">
  <rule id="${USER_RULE}" level="8">
    <if_sid>110002</if_sid>
    <regex type="pcre2">"verb": "create.+"resource": "secrets"</regex>
    <description>Somebody makes a secret</description>
  </rule>
</group>
`;

const FIXTURES = join(import.meta.dirname, '../../../../fixtures/guide');
const CERTIFICATES = 'var/ossec/integrations/kubernetes-webhook';

/** Does what a reader of the guide does by hand on the Wazuh server, in a tree of `createWazuhTree`: each file where its step puts it. */
export async function placeGuide(root: string, { host, port, userRules = USER_RULES }: GuideOptions): Promise<void> {
  const guide = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');
  const put = (path: string, text: string, mode: number): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
    chmodSync(join(root, path), mode);
  };
  const edit = (path: string, change: (text: string) => string): void =>
    writeFileSync(join(root, path), change(readFileSync(join(root, path), 'utf8')));

  const nowMs = Date.now();
  const authority = await createAuthority({ nowMs, guideCompatible: true });
  const server = await issueServerCertificate(authority, [host], { nowMs, guideCompatible: true });
  put(`${CERTIFICATES}/csr.conf`, guide('csr.conf').replaceAll('<wazuh_server_ip>', host), 0o644);
  put(`${CERTIFICATES}/rootCA.key`, authority.privateKeyPem, 0o600);
  put(`${CERTIFICATES}/rootCA.pem`, authority.certificatePem, 0o644);
  put(`${CERTIFICATES}/server.key`, server.privateKeyPem, 0o600);
  put(`${CERTIFICATES}/server.crt`, server.certificatePem, 0o644);
  const script = guide('custom-webhook.py').replace('<wazuh_server_ip>', host).replace('8080', String(port));
  put('var/ossec/integrations/custom-webhook.py', script, 0o644);
  put('lib/systemd/system/wazuh-webhook.service', guide('wazuh-webhook.service'), 0o644);
  mkdirSync(join(root, 'etc/systemd/system/multi-user.target.wants'), { recursive: true });
  symlinkSync('/lib/systemd/system/wazuh-webhook.service', join(root, 'etc/systemd/system/multi-user.target.wants/wazuh-webhook.service'));
  edit('var/ossec/etc/rules/local_rules.xml', (text) => `${text}\n${guide('rules.xml')}${userRules}`);
  edit('var/ossec/etc/ossec.conf', (text) => text.replace('<logall_json>no', '<logall_json>yes'));
  edit('etc/filebeat/filebeat.yml', (text) => text.replace(/(archives:\n {6}enabled: )false/, '$1true'));
}
