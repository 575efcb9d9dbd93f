import type { Drill } from '../drill.ts';

export const authenticationFailed: Drill = {
  detection: 'authentication-failed',
  steps: ['list the pods of the namespace with a token that is none'],
  act: (ground) => ground.deed({ method: 'GET', path: `/api/v1/namespaces/${ground.namespace}/pods`, token: 'k8s-audit-drill' }),
  isDone: (status) => status === 401,
};
