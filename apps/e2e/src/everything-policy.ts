/**
 * A policy that nobody should use: every stage of every request, with both bodies. It is what the receiver must bear, and what redaction is for.
 * /metrics is left out, as in every policy: the tests read counters there.
 */
export const EVERYTHING_POLICY: string = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: None
    nonResourceURLs: ['/metrics']
  - level: RequestResponse
`;
