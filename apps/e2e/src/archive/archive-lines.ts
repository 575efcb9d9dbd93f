/** Lines of archives.json: which are audit events, and some that no receiver of ours has sent. */

export function isAudit(line: string): boolean {
  return k8sOf(line)['auditID'] !== undefined;
}

export function k8sOf(line: string): Readonly<Record<string, unknown>> {
  return (JSON.parse(line) as { data?: { k8s?: Record<string, unknown> } }).data?.k8s ?? {};
}

/** As Wazuh archives a line of an agent's log. */
export function ofAnAgent(text: string): string {
  return JSON.stringify({ ...envelope(), agent: { id: '007', name: 'web-1' }, full_log: text, location: '/var/log/auth.log' });
}

/** Longer than a keyword may be; the receiver would cut it, another sender does not. */
export function longUri(): string {
  const k8s = { schema: '1', cluster: 'prod-eu', auditID: 'long-uri', verb: 'get', requestURI: `/${'a'.repeat(40_000)}` };
  return JSON.stringify({
    ...envelope(),
    agent: { id: '000', name: 'prod-eu' },
    data: { apiVersion: 'audit.k8s.io/v1', k8s },
    location: 'k8s',
  });
}

function envelope(): object {
  return {
    timestamp: new Date().toISOString().replace('Z', '+0000'),
    manager: { name: 'wazuh' },
    id: '1790000000.1',
    decoder: { name: 'json' },
  };
}
