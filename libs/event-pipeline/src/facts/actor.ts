import type { UserInfo } from '@k8s-audit/audit-events';

/** What kind of identity the API server authenticated. Never the impersonated one: that is what the actor asked to be. */
export type Actor = 'human' | 'service-account' | 'node' | 'control-plane' | 'anonymous';
export const ACTORS: readonly Actor[] = ['human', 'service-account', 'node', 'control-plane', 'anonymous'];

/**
 * By the user name alone where it is reserved (`system:`), because groups can be chosen by whoever signs a certificate.
 * A controller of kube-system with an own service account is a service account: its token can be stolen like any other.
 */
export function actorOf(user: UserInfo): Actor {
  const name = user.username ?? '';
  if (!name.startsWith('system:')) {
    return name === '' || (user.groups?.includes('system:unauthenticated') ?? false) ? 'anonymous' : 'human';
  }
  if (name.startsWith('system:serviceaccount:')) return 'service-account';
  if (name.startsWith('system:node:')) return 'node';
  if (name === 'system:anonymous') return 'anonymous';
  // OpenShift's name for a person with the installer's certificate.
  return name === 'system:admin' ? 'human' : 'control-plane';
}
