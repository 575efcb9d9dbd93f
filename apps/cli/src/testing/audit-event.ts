/** An audit event as the API server writes it: alice execs into a pod of `payments`; changed as a test needs it. */
export function auditEvent(changes: object = {}): Readonly<Record<string, unknown>> {
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: '6ae321a6-0735-41a6-a9d9-050f9a75644c',
    stage: 'ResponseStarted',
    requestURI: '/api/v1/namespaces/payments/pods/web/exec?command=sh',
    verb: 'get',
    user: { username: 'alice', groups: ['dev', 'system:authenticated'] },
    sourceIPs: ['10.0.0.7'],
    userAgent: 'kubectl/v1.35.4 (linux/amd64) kubernetes/8adc0f0',
    objectRef: { resource: 'pods', namespace: 'payments', name: 'web', apiVersion: 'v1', subresource: 'exec' },
    responseStatus: { metadata: {}, code: 101 },
    requestReceivedTimestamp: '2026-11-23T15:11:39.043249Z',
    stageTimestamp: '2026-11-23T15:11:39.045357Z',
    annotations: { 'authorization.k8s.io/decision': 'allow' },
    ...changes,
  };
}

/** Rules below those of the pack: one higher for `payments`, one that counts. */
export const LOCAL_RULES = `<group name="local,">
  <rule id="119001" level="12">
    <if_sid>118101</if_sid>
    <field name="k8s.objectRef.namespace">^payments$</field>
    <description>Somebody works inside payments: $(k8s.user.username)</description>
  </rule>
  <rule id="119002" level="10" frequency="3" timeframe="60">
    <if_matched_sid>119001</if_matched_sid>
    <same_field>k8s.user.username</same_field>
    <description>Three sessions in payments</description>
  </rule>
</group>
`;
