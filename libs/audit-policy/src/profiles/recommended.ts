import { DISCOVERY, HEALTH_PROBES, heartbeats } from './noise.ts';
import type { Profile } from './profile.ts';
import { AUTHENTICATED_OR_ANONYMOUS, CONTROL_PLANE, CREDENTIALS, SESSIONS, TELLING_OBJECTS } from './subjects.ts';

/** What the detections of this project need, and no more: bodies where a body decides, Metadata for the rest, no noise. */
export const RECOMMENDED: Profile = {
  name: 'recommended',
  summary: 'what the detections need: bodies of what can be an attack, everything else without; no secrets, no noise',
  make: (version) => ({
    header: [
      'Audit policy "recommended" of k8s-audit: what its detections need.',
      'The first rule that matches decides. Failed authentication (401) is recorded by no stage but ResponseStarted: it is never omitted here,',
      'and every rule of level None asks for a user or a group, which a failed authentication has not.',
      'RequestReceived says nothing that the later stages do not; managedFields are a sixth of a pod, and nothing to a detection.',
    ].join('\n'),
    policy: { omitStages: ['RequestReceived'], omitManagedFields: true },
    rules: [
      {
        why: 'Credentials: who read or wrote them, never their bodies. First, so that no rule below can record or drop them.',
        rule: { level: 'Metadata', resources: CREDENTIALS },
      },
      {
        why: 'Sessions. Before the rules on reading: over a websocket an exec is a get.',
        rule: { level: 'Metadata', resources: SESSIONS },
      },
      HEALTH_PROBES,
      DISCOVERY,
      ...heartbeats(version),
      {
        why: 'Reading by the control plane’s own processes: caches that fill.',
        rule: { level: 'None', users: CONTROL_PLANE, verbs: ['get', 'list', 'watch'] },
      },
      {
        why: 'A kubelet reads its node every ten seconds.',
        rule: { level: 'None', userGroups: ['system:nodes'], verbs: ['get'], resources: [{ group: '', resources: ['nodes'] }] },
      },
      {
        why: 'Watches are recorded once, when they end. Only secrets and configmaps, above, are recorded at the start as well.',
        rule: { level: 'Metadata', userGroups: AUTHENTICATED_OR_ANONYMOUS, verbs: ['watch'], omitStages: ['ResponseStarted'] },
      },
      {
        why: 'What was sent decides whether this is an attack: privileges of a pod, rights of a role, targets of a webhook, exposure of a service.',
        rule: { level: 'Request', verbs: ['create', 'update'], resources: TELLING_OBJECTS },
      },
      {
        why: 'A patch says what changes, not what comes of it: here the answer is needed as well.',
        rule: { level: 'RequestResponse', verbs: ['patch'], resources: TELLING_OBJECTS },
      },
      {
        why: 'Everything else without bodies: exec and other sessions, deletions, reading, what is denied, what nobody could authenticate.',
        rule: { level: 'Metadata' },
      },
    ],
  }),
};
