/** Old API servers' versions have the same fields; another group's list holds no events. Both keys may be missing. */
export function kindFault(kind: string | undefined, apiVersion: string | undefined): string | undefined {
  if (kind !== undefined && kind !== 'EventList' && kind !== 'Event') return `kind is ${JSON.stringify(kind)}, not EventList or Event`;
  if (apiVersion !== undefined && !apiVersion.startsWith('audit.k8s.io/')) {
    return `apiVersion is ${JSON.stringify(apiVersion)}, not audit.k8s.io/v1`;
  }
  return undefined;
}
