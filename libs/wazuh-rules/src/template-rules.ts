/**
 * The top of the tree: one container for each category, which every other rule hangs below. Wazuh ships them as
 * ruleset/rules/0010-rules_config.xml, and nothing loads without them.
 */
export const TEMPLATE_FILE_NAME = '0010-rules_config.xml';

const CATEGORIES: readonly (readonly [category: string, what: string])[] = [
  ['syslog', 'syslog'],
  ['firewall', 'firewall'],
  ['ids', 'ids'],
  ['web-log', 'web'],
  ['squid', 'web proxy'],
  ['windows', 'windows'],
  ['ossec', 'wazuh'],
];

export const TEMPLATE_FILE_TEXT: string = CATEGORIES.map(
  ([category, what], index) => `<group name="${category},">
  <rule id="${index + 1}" level="0" noalert="1">
    <category>${category}</category>
    <description>Generic template for all ${what} rules.</description>
  </rule>
</group>
`,
).join('\n');
