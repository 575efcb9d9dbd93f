import { Failure } from '@k8s-audit/failure';

/** Where an event comes from when no cluster is named; the guide's rules ask for this word. */
export const PLAIN_LOCATION = 'k8s';

/**
 * Safe in a URL path, a file name and a certificate too. No `)`, no `:`, no `->`, no space: each of them breaks or forges
 * the location on some Wazuh version (4.3.10 knows no escape).
 */
const CLUSTER_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

export function isClusterName(text: string): boolean {
  return CLUSTER_NAME.test(text);
}

/**
 * The location under which a manager shows the cluster as the agent's name: `[000] (CLUSTER) audit->k8s`.
 *
 * The word in the address slot is one that no enrolled agent can have. `any` would do for Wazuh too, but remoted writes
 * `(NAME) any->` for an agent that enrolled without an address, and rules cannot see the id: such an agent could pose as
 * a cluster. Only for a manager's own socket; an agent's gets `PLAIN_LOCATION`.
 *
 * @throws {Failure} CLUSTER_NAME_INVALID
 */
export function clusterLocation(cluster: string): string {
  if (!isClusterName(cluster))
    throw new Failure('CLUSTER_NAME_INVALID', `"${cluster}" cannot stand in a Wazuh location.`, {
      hint: 'Up to 63 lower-case letters, digits, dots, underscores and hyphens; the first a letter or a digit.',
    });
  return `[000] (${cluster}) audit->${PLAIN_LOCATION}`;
}

/** Makes `:` and `|` plain letters of a location (wazuh v4.14.7 src/analysisd/cleanevent.c:44; read since 4.4.0). */
export function escapeLocation(location: string): string {
  return location.replace(/[:|]/g, '|$&');
}
