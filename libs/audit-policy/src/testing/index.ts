/** Policies and requests for property tests of whoever uses this package. */
export { policyPair, possibleRequest } from './arbitrary-request-pair.ts';
