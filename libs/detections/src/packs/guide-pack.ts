/**
 * The rules of the hand-followed guide, letter by letter: people have their own rules below them. They match the text of an event,
 * and only with the separators `, ` and `: ` and with `requestURI` directly before `verb`, which the wire event keeps to.
 *
 * Beside the pack `core` they must be loaded after it: rule 110002 keeps every event that reaches it, so that no later rule of
 * level 0 is tried. The file's name sorts behind k8s_audit_rules.xml, and before local_rules.xml, whose rules may hang below it.
 */
export const GUIDE_RULES_FILE = 'k8s_guide_rules.xml';

export const GUIDE_RULES_TEXT: string = String.raw`<group name="k8s_audit,">
  <rule id="110002" level="0">
    <location>k8s</location>
    <field name="apiVersion">audit</field>
    <description>Kubernetes audit log.</description>
  </rule>

  <rule id="110003" level="5">
    <if_sid>110002</if_sid>
    <regex type="pcre2">requestURI\":.+", \"verb\": \"create</regex>
    <description>Kubernetes request to create resource</description>
  </rule>

  <rule id="110004" level="5">
    <if_sid>110002</if_sid>
    <regex type="pcre2">requestURI\":.+", \"verb\": \"delete</regex>
    <description>Kubernetes request to delete resource</description>
  </rule>
</group>
`;
