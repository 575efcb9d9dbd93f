/**
 * Groups that a user is in besides those that a certificate or token names: kube-apiserver adds them itself, and a
 * kubelet's certificate always has its own.
 */
export function withImpliedGroups(username: string, groups: readonly string[]): readonly string[] {
  const implied: string[] = [];
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(username);
  if (account !== null) implied.push('system:serviceaccounts', `system:serviceaccounts:${account[1]}`);
  if (username.startsWith('system:node:')) implied.push('system:nodes');
  implied.push(username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated');
  return [...new Set([...groups, ...implied])];
}
