/**
 * Days after which archives go, on disk and in the index. PCI DSS 10.5.1 asks for twelve months, three of them at hand.
 *
 * On disk a tmpfiles.d(5) line: systemd's own daily clean-up removes Wazuh's rotated archives
 * (logs/archives/YEAR/MONTH/ossec-archive-DAY.json.gz) by their age; it needs no service of ours.
 */
export function renderDiskRetention(wazuhHome: string, days: number): string {
  assertDays(days);
  return `# Archives of wazuh-analysisd go after ${days} days.\ne ${wazuhHome}/logs/archives - - - ${days}d\n`;
}

export const INDEX_RETENTION_NAME = 'k8s-audit-archives';

/**
 * A policy of Index State Management that deletes the archive's daily indices; put to `_plugins/_ism/policies/k8s-audit-archives`. It takes
 * indices that are made from then on: those that are there already stay people's own to delete.
 */
export function renderIndexRetention(days: number): object {
  assertDays(days);
  return {
    policy: {
      description: `Archives of Wazuh go after ${days} days.`,
      default_state: 'kept',
      states: [
        { name: 'kept', actions: [], transitions: [{ state_name: 'deleted', conditions: { min_index_age: `${days}d` } }] },
        { name: 'deleted', actions: [{ delete: {} }], transitions: [] },
      ],
      ism_template: [{ index_patterns: ['wazuh-archives-*'], priority: 100 }],
    },
  };
}

function assertDays(days: number): void {
  if (!Number.isInteger(days) || days < 1 || days > 36_500) throw new RangeError(`retention of ${days} days`);
}
