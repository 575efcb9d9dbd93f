import type { RuleFile } from '@k8s-audit/wazuh-rules';

/**
 * What rule checks may name of the stock ruleset, which is not ours to ship. The recording had all of it; these are the names that
 * files of people's own are likely to hang on.
 */

/** Stock rules have ids below 100,000; that one of them is missing is not told. */
export const STOCK_IDS: ReadonlySet<number> = new Set(Array.from({ length: 99_990 }, (_, i) => i + 10));

const GROUPS =
  'syslog,sshd,pam,authentication_failed,authentication_failures,authentication_success,invalid_login,access_control,adduser,attack,attacks,recon,web,accesslog,apache,nginx,web_scan,sql_injection,firewall,firewall_drop,ids,fts,ossec,syscheck,rootcheck,windows,windows_security,win_evt_channel,sudo,su,sysmon,vulnerability-detector,audit,audit_command,docker,amazon,gcp,office365,github,json,service_availability,system_error,virus,malware,policy_changed,config_changed,time_changed,login_denied,connection_attempt,local,';

/** A rule with the usual groups, so that `if_group` finds a parent; sorted in front of all others by its name. */
export const STOCK_GROUPS_FILE: RuleFile = {
  name: 'ruleset/rules/0011-groups.xml',
  text: `<group name="${GROUPS}">\n  <rule id="99999" level="3">\n    <match>stock</match>\n    <description>Stands for the stock rules.</description>\n  </rule>\n</group>\n`,
};

export const STOCK_DECODERS: ReadonlySet<string> = new Set(
  'json json-msgraph wazuh pam sshd su sudo kernel iptables syslog web-accesslog apache-errorlog nginx-errorlog squid-accesslog snort suricata ossec ossec-logcollector syscheck_integrity_changed syscheck_new_entry syscheck_deleted syscheck_registry_integrity_changed rootcheck hostinfo windows windows_eventchannel windows-date-format auditd docker named postfix dovecot vsftpd proftpd openvpn mysql_log postgresql_log telnetd ftpd rshd samba smbd systemd cron auth_proxy dpkg yum sysmon ar_log agent-restart agent-upgrade aws-cloudtrail'.split(
    ' ',
  ),
);
