import type { Drill } from '../drill.ts';
import { createServiceAccount, SERVICE_ACCOUNT } from './drill-objects.ts';

/** The shortest that an API server gives. */
const EXPIRATION_SECONDS = 600;

export const requestDenied: Drill = {
  detection: 'request-denied',
  steps: [
    'create a service account that may do nothing, and a token of it for ten minutes',
    'list the secrets of the namespace with that token',
  ],
  async act(ground) {
    await createServiceAccount(ground);
    const path = `/api/v1/namespaces/${ground.namespace}`;
    const body = { spec: { expirationSeconds: EXPIRATION_SECONDS } };
    const asked = await ground.prepare({ method: 'POST', path: `${path}/serviceaccounts/${SERVICE_ACCOUNT}/token`, body });
    const { token } = (asked as { readonly status: { readonly token: string } }).status;
    return await ground.deed({ method: 'GET', path: `${path}/secrets`, token });
  },
  isDone: (status) => status === 403,
};
