/** CDB lists that the ossec.conf of a fresh 4.14 manager declares (wazuh v4.14.7 etc/ossec-server.conf, <ruleset>). */
export const STOCK_LISTS: ReadonlySet<string> = new Set([
  'etc/lists/audit-keys',
  'etc/lists/amazon/aws-eventnames',
  'etc/lists/security-eventchannel',
  'etc/lists/malicious-ioc/malicious-ip',
  'etc/lists/malicious-ioc/malicious-domains',
  'etc/lists/malicious-ioc/malware-hashes',
]);
