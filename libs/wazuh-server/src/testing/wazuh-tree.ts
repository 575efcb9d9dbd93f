import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface WazuhTreeOptions {
  /** Default v4.14.7. */
  readonly version?: string;
  readonly type?: 'server' | 'agent';
  /** Default: no cluster. */
  readonly node?: 'master' | 'worker';
  readonly container?: 'docker' | 'kubernetes';
  /** Further files, by their path below the root: text, mode, owner. */
  readonly files?: Readonly<Record<string, string>>;
  /** With Filebeat, as on a server (default). */
  readonly filebeat?: boolean;
}

export interface WazuhTree {
  readonly root: string;
  readonly home: string;
  remove(): void;
}

/** Numbers that no account of the machine has to have: the tree brings its own passwd and group. */
const [ROOT, WAZUH] = [0, 61_999];

/** Folders and files of a package, with owner and mode (wazuh v4.14.7 src/init/inst-functions.sh:980-1126). */
const FOLDERS: readonly (readonly [path: string, uid: number, gid: number, mode: number])[] = [
  ['var/ossec', ROOT, WAZUH, 0o750],
  ['var/ossec/bin', ROOT, WAZUH, 0o750],
  ['var/ossec/etc', WAZUH, WAZUH, 0o770],
  ['var/ossec/etc/rules', ROOT, WAZUH, 0o770],
  ['var/ossec/etc/lists', ROOT, WAZUH, 0o770],
  ['var/ossec/integrations', ROOT, WAZUH, 0o750],
  ['var/ossec/ruleset', ROOT, WAZUH, 0o750],
  ['var/ossec/ruleset/rules', ROOT, WAZUH, 0o750],
  ['var/ossec/queue', ROOT, WAZUH, 0o750],
  ['var/ossec/queue/sockets', WAZUH, WAZUH, 0o770],
  ['var/ossec/logs', WAZUH, WAZUH, 0o770],
  ['var/ossec/logs/alerts', WAZUH, WAZUH, 0o750],
  ['var/ossec/logs/archives', WAZUH, WAZUH, 0o750],
  ['etc/systemd/system', ROOT, ROOT, 0o755],
];

const LOCAL_RULES = `<!-- Local rules -->

<!-- Modify it at your will. -->
<group name="local,syslog,sshd,">
  <rule id="100001" level="5">
    <if_sid>5716</if_sid>
    <srcip>1.1.1.1</srcip>
    <description>sshd: authentication failed from IP 1.1.1.1.</description>
  </rule>
</group>
`;

const FILEBEAT = `# Wazuh - Filebeat configuration file
output.elasticsearch.hosts:
  - 127.0.0.1:9200
setup.template.json.enabled: true
setup.template.json.path: '/etc/filebeat/wazuh-template.json'
setup.template.json.name: 'wazuh'
setup.ilm.overwrite: true
setup.ilm.enabled: false

filebeat.modules:
  - module: wazuh
    alerts:
      enabled: true
    archives:
      enabled: false
`;

/** A machine's file system with a Wazuh in it, in a temporary folder. Owners are set where the tests run as root. */
export function createWazuhTree(options: WazuhTreeOptions = {}): WazuhTree {
  const root = mkdtempSync(join(tmpdir(), 'wazuh-tree-'));
  const { version = 'v4.14.7', type = 'server', filebeat = type === 'server' } = options;
  for (const [path, uid, gid, mode] of FOLDERS) {
    mkdirSync(join(root, path), { recursive: true });
    own(join(root, path), uid, gid, mode);
  }
  const file = (path: string, text: string, uid = ROOT, gid = WAZUH, mode = 0o660): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    own(join(root, path), uid, gid, mode);
  };
  file('etc/passwd', `root:x:0:0:root:/root:/bin/bash\nwazuh:x:${WAZUH}:${WAZUH}::/var/ossec:/sbin/nologin\n`, ROOT, ROOT, 0o644);
  file('etc/group', `root:x:0:\nwazuh:x:${WAZUH}:\n`, ROOT, ROOT, 0o644);
  file('var/ossec/bin/wazuh-control', control(version, type), ROOT, WAZUH, 0o750);
  file('var/ossec/etc/ossec.conf', ossecConf(type, options.node));
  if (type === 'server') file('var/ossec/etc/rules/local_rules.xml', LOCAL_RULES, WAZUH, WAZUH);
  if (filebeat) file('etc/filebeat/filebeat.yml', FILEBEAT, ROOT, ROOT, 0o640);
  if (options.container === 'docker') file('.dockerenv', '', ROOT, ROOT, 0o644);
  if (options.container === 'kubernetes') file('var/run/secrets/kubernetes.io/serviceaccount/token', 'x', ROOT, ROOT, 0o644);
  for (const [path, text] of Object.entries(options.files ?? {})) file(path, text);
  return { root, home: join(root, 'var/ossec'), remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** What `wazuh-control info` prints, and a note of each restart for the test to see. */
function control(version: string, type: 'server' | 'agent'): string {
  return `#!/bin/sh
case "$1" in
  info) printf 'WAZUH_VERSION="%s"\\nWAZUH_REVISION="41400"\\nWAZUH_TYPE="%s"\\n' '${version}' '${type}' ;;
  restart) echo restart >> "$(dirname "$0")/../logs/restarts.log" ;;
  *) exit 1 ;;
esac
`;
}

function ossecConf(type: 'server' | 'agent', node: WazuhTreeOptions['node']): string {
  if (type === 'agent')
    return '<ossec_config>\n  <client>\n    <server>\n      <address>10.0.0.1</address>\n    </server>\n  </client>\n</ossec_config>\n';
  return `<!--
  Wazuh - Manager - Default configuration
  More info at: https://documentation.wazuh.com
-->

<ossec_config>
  <global>
    <jsonout_output>yes</jsonout_output>
    <alerts_log>yes</alerts_log>
    <logall>no</logall>
    <logall_json>no</logall_json>
  </global>

  <alerts>
    <log_alert_level>3</log_alert_level>
  </alerts>

  <ruleset>
    <!-- Default ruleset -->
    <decoder_dir>ruleset/decoders</decoder_dir>
    <rule_dir>ruleset/rules</rule_dir>
    <rule_exclude>0215-policy_rules.xml</rule_exclude>
    <list>etc/lists/audit-keys</list>

    <!-- User-defined ruleset -->
    <decoder_dir>etc/decoders</decoder_dir>
    <rule_dir>etc/rules</rule_dir>
  </ruleset>

  <cluster>
    <name>wazuh</name>
    <node_name>node01</node_name>
    <node_type>${node ?? 'master'}</node_type>
    <disabled>${node === undefined ? 'yes' : 'no'}</disabled>
  </cluster>
</ossec_config>
`;
}

function own(path: string, uid: number, gid: number, mode: number): void {
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
  chmodSync(path, mode);
}
