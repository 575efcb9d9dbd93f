import assert from 'node:assert/strict';
import { answersOf, theOnly } from '../alert-search.ts';
import type { Scenario } from '../scenario.ts';
import type { TrailEntry } from '../trail.ts';

const QUERY_BYTES = 110 * 1024;
/** What wazuh-analysisd reads of one message (wazuh v4.14.7 src/headers/defs.h:51), less the longest location that we send. */
const MAX_LOG_BYTES = 65_535;

/**
 * Longer than a datagram to Wazuh, and longer than what API-server truncation leaves of an event (100 KiB), which would drop it: a way to hide a
 * request from whoever switched that on.
 */
export const longQuery: Scenario = {
  name: 'long-query',
  title: 'a request with a query string of 110 KiB is found',
  plan: (context) => {
    const admin = context.client('admin');
    let request: TrailEntry;
    return {
      steps: [
        {
          title: 'is answered',
          async run() {
            // Not by the typed client, which speaks HTTP/2: its headers must fit one frame of 16 KiB.
            const selector = encodeURIComponent(longSelector());
            assert.equal(await admin.get(`/api/v1/namespaces/default/configmaps?labelSelector=${selector}`), 200);
            request = admin.lastRequest();
            assert.ok(request.path.length >= QUERY_BYTES, `only ${request.path.length} bytes`);
          },
        },
        {
          title: 'is in the archive, its URI cut and marked so',
          run: () =>
            context.eventually(async () => {
              const entry = theOnly(answersOf(await context.archives(), request.auditId), 'events');
              const { requestURI = '', trimmed = '', verb, objectRef } = entry.data?.k8s ?? {};
              assert.deepEqual([verb, objectRef?.resource], ['list', 'configmaps']);
              assert.ok(requestURI.startsWith('/api/v1/namespaces/default/configmaps?labelSelector='), requestURI.slice(0, 100));
              assert.ok(requestURI.length < request.path.length);
              assert.match(trimmed, /requestURI/);
              assert.ok(Buffer.byteLength(entry.full_log ?? '') <= MAX_LOG_BYTES);
            }),
        },
      ],
    };
  },
};

/** `app in (v00000…,v00001…)`: a selector that the API server accepts, and nothing matches. */
function longSelector(): string {
  const value = (index: number): string => `v${String(index).padStart(60, '0')}`;
  const count = Math.ceil(QUERY_BYTES / value(0).length);
  return `app in (${Array.from({ length: count }, (_, index) => value(index)).join(',')})`;
}
