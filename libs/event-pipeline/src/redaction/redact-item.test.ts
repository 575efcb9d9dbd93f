import { EventListScanner, parseAuditEvent } from '@k8s-audit/audit-events';
import { describe, expect, it } from 'vitest';
import { needsRedaction } from './needs-redaction.ts';
import { redactItem } from './redact-item.ts';
import { DEFAULT_REDACTION, redactionPolicy } from './redaction-policy.ts';

const CANARY = 'Y2FuYXJ5LXZhbHVl';
const R = '[redacted]';

/** An event with these members, redacted the way the receiver does it: only when the look at its bytes says so. */
function redacted(members: object, policy = DEFAULT_REDACTION): Record<string, unknown> {
  const [item] = new EventListScanner({ isSensitive: (bytes, found) => needsRedaction(bytes, found, policy) }).push(
    Buffer.from(JSON.stringify({ items: [{ auditID: 'a', ...members }] })),
  );
  if (item?.kind !== 'event') throw new Error('no event');
  return JSON.parse((item.sensitive ? redactItem(item.bytes, policy).bytes : item.bytes).toString());
}

const secrets = { resource: 'secrets', namespace: 'n', apiVersion: 'v1' };
const secret = (data: object): object => ({ kind: 'Secret', apiVersion: 'v1', metadata: { name: 's' }, ...data });

describe('a Secret', () => {
  it.each<[string, object, unknown]>([
    ['data', { requestObject: secret({ data: { a: CANARY, b: '' } }) }, { requestObject: secret({ data: { a: R, b: '' } }) }],
    ['stringData', { requestObject: secret({ stringData: { a: 'x y' } }) }, { requestObject: secret({ stringData: { a: R } }) }],
    [
      'both bodies',
      { requestObject: secret({ data: { a: CANARY } }), responseObject: secret({ data: { a: CANARY } }) },
      { requestObject: secret({ data: { a: R } }), responseObject: secret({ data: { a: R } }) },
    ],
    [
      'a merge patch, without a kind',
      { requestObject: { data: { a: CANARY, gone: null } } },
      { requestObject: { data: { a: R, gone: null } } },
    ],
    [
      'a value of another type',
      { requestObject: { data: { a: 12345, b: true, c: { d: [CANARY, 'x'] } } } },
      { requestObject: { data: { a: R, b: true, c: { d: [R, R] } } } },
    ],
    [
      'a list',
      { responseObject: { kind: 'SecretList', items: [{ metadata: { name: 'a' }, data: { a: CANARY } }] } },
      { responseObject: { kind: 'SecretList', items: [{ metadata: { name: 'a' }, data: { a: R } }] } },
    ],
    [
      'a table',
      {
        responseObject: {
          kind: 'Table',
          columnDefinitions: [{ name: 'Name' }],
          rows: [{ cells: ['a', 'Opaque', 1, CANARY], object: secret({ data: { a: CANARY } }) }],
        },
      },
      {
        responseObject: {
          kind: 'Table',
          columnDefinitions: [{ name: 'Name' }],
          rows: [{ cells: ['a', R, R, R], object: secret({ data: { a: R } }) }],
        },
      },
    ],
    [
      'a JSON Patch',
      {
        requestObject: [
          { op: 'replace', path: '/data/a', value: CANARY },
          { op: 'add', path: '/stringData', value: { b: 'x' } },
          { op: 'test', path: '/data/a', value: CANARY },
          { op: 'add', path: '/metadata/labels/a', value: 'x' },
          { op: 'remove', path: '/data/b' },
        ],
      },
      {
        requestObject: [
          { op: 'replace', path: '/data/a', value: R },
          { op: 'add', path: '/stringData', value: { b: R } },
          { op: 'test', path: '/data/a', value: R },
          { op: 'add', path: '/metadata/labels/a', value: 'x' },
          { op: 'remove', path: '/data/b' },
        ],
      },
    ],
    [
      'a JSON Patch of the whole',
      { requestObject: [{ op: 'replace', path: '', value: secret({ data: { a: CANARY } }) }] },
      { requestObject: [{ op: 'replace', path: '', value: secret({ data: { a: R } }) }] },
    ],
    [
      'a body that an export made a string of',
      { requestObject: JSON.stringify(secret({ data: { a: CANARY } })) },
      { requestObject: JSON.stringify(secret({ data: { a: R } })) },
    ],
    ['a body that it cut off', { requestObject: JSON.stringify(secret({ data: { a: CANARY } })).slice(0, -4) }, { requestObject: R }],
  ])('loses its values and keeps its keys: %s', (_title, members, expected) => {
    expect(redacted({ objectRef: secrets, ...members })).toEqual({ auditID: 'a', objectRef: secrets, ...(expected as object) });
  });

  it('loses the copy in last-applied-configuration, and other tools’ copies', () => {
    const lastApplied = JSON.stringify(secret({ data: { a: CANARY }, stringData: { b: CANARY } }));
    const annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': lastApplied,
      'objectset.rio.cattle.io/applied': 'H4sIAAAA',
      note: 'kept',
    };
    const { requestObject } = redacted({ objectRef: secrets, requestObject: { metadata: { annotations } } }) as {
      requestObject: { metadata: { annotations: Record<string, string> } };
    };

    expect(JSON.parse(requestObject.metadata.annotations['kubectl.kubernetes.io/last-applied-configuration'] as string)).toEqual(
      secret({ data: { a: R }, stringData: { b: R } }),
    );
    expect(requestObject.metadata.annotations).toMatchObject({ 'objectset.rio.cattle.io/applied': R, note: 'kept' });
  });

  it('keeps managedFields, names, types and sizes of everything else', () => {
    const object = {
      ...secret({ data: {} }),
      type: 'Opaque',
      metadata: { name: 's', managedFields: [{ fieldsV1: { 'f:data': { 'f:a': {} } } }] },
    };

    expect(redacted({ objectRef: secrets, responseObject: object })).toMatchObject({ responseObject: object });
  });

  it('is found in bodies of other resources: in a template, in JSON text, in JSON text in JSON text, in YAML', () => {
    const objectRef = { resource: 'widgets', apiGroup: 'example.com' };
    const inside = secret({ data: { a: CANARY } });
    const deep = JSON.stringify({ items: [{ applied: JSON.stringify(inside) }] });
    const body = {
      spec: {
        objects: [inside, { nested: { inside } }],
        text: JSON.stringify(inside),
        deep,
        yaml: `apiVersion: v1\nkind: Secret\ndata:\n  a: ${CANARY}\n`,
        json: `{"kind":"Secret","data":{"a":"${CANARY}"`,
      },
    };
    const { requestObject } = redacted({ objectRef, requestObject: body });

    expect(JSON.stringify(requestObject)).not.toContain(CANARY);
    expect(requestObject).toMatchObject({
      spec: { objects: [secret({ data: { a: R } }), {}], yaml: '[redacted: YAML of a Secret]', json: R },
    });
  });

  it('is found where a webhook’s patch repeats it', () => {
    const patch = { configuration: 'c', webhook: 'w', patch: [{ op: 'add', path: '/data/a', value: CANARY }], patchType: 'JSONPatch' };
    const key = 'patch.webhook.admission.k8s.io/round_0_index_0';
    const { annotations } = redacted({ objectRef: secrets, annotations: { [key]: JSON.stringify(patch) } }) as {
      annotations: Record<string, string>;
    };

    expect(JSON.parse(annotations[key] as string)).toEqual({ ...patch, patch: [{ op: 'add', path: '/data/a', value: R }] });
  });

  it('is found behind keys that are written with escapes', () => {
    const item = `{"auditID":"a","objectRef":{"resource":"sec\\u0072ets"},"request\\u004fbject":{"d\\u0061ta":{"a":"${CANARY}"}}}`;
    const [scanned] = new EventListScanner({ isSensitive: (bytes, members) => needsRedaction(bytes, members, DEFAULT_REDACTION) }).push(
      Buffer.from(`{"items":[${item}]}`),
    );

    expect(scanned).toMatchObject({ kind: 'event', sensitive: true });
    expect(redactItem(Buffer.from(item), DEFAULT_REDACTION).bytes.toString()).not.toContain(CANARY);
  });

  it('is redacted in both of two members of one name', () => {
    const item = `{"auditID":"a","objectRef":{"resource":"secrets"},"requestObject":{"data":{"a":"${CANARY}"},"data":{"a":"${CANARY}"}},"requestObject":{"data":{"b":"${CANARY}"}}}`;

    expect(redactItem(Buffer.from(item), DEFAULT_REDACTION).bytes.toString()).not.toContain(CANARY);
  });
});

describe('other credentials', () => {
  const tokens = { resource: 'serviceaccounts', subresource: 'token', name: 'x' };
  const reviews = { resource: 'tokenreviews', apiGroup: 'authentication.k8s.io' };

  it.each<[string, object, unknown]>([
    [
      'the token of a TokenRequest',
      { objectRef: tokens, responseObject: { kind: 'TokenRequest', spec: { expirationSeconds: 3600 }, status: { token: CANARY } } },
      { responseObject: { kind: 'TokenRequest', spec: { expirationSeconds: 3600 }, status: { token: R } } },
    ],
    [
      'the token of a TokenReview',
      { objectRef: reviews, requestObject: { kind: 'TokenReview', spec: { token: CANARY, audiences: ['a'] } } },
      { requestObject: { kind: 'TokenReview', spec: { token: R, audiences: ['a'] } } },
    ],
    [
      'an environment variable by its name',
      {
        objectRef: { resource: 'pods' },
        requestObject: {
          spec: {
            containers: [
              {
                env: [
                  { name: 'DB_PASSWORD', value: CANARY },
                  { name: 'A', value: 'b' },
                ],
              },
            ],
          },
        },
      },
      {
        requestObject: {
          spec: {
            containers: [
              {
                env: [
                  { name: 'DB_PASSWORD', value: R },
                  { name: 'A', value: 'b' },
                ],
              },
            ],
          },
        },
      },
    ],
    [
      'one that a JSON Patch sets',
      {
        objectRef: { resource: 'deployments' },
        requestObject: [{ op: 'add', path: '/spec/template/spec/containers/0/env/0', value: { name: 'TOKEN', value: CANARY } }],
      },
      { requestObject: [{ op: 'add', path: '/spec/template/spec/containers/0/env/0', value: { name: 'TOKEN', value: R } }] },
    ],
    [
      'one that a JSON Patch points at, named or not',
      {
        objectRef: { resource: 'deployments' },
        requestObject: [
          { value: [{ name: 'TOKEN', value: CANARY }], op: 'add', path: '/spec/template/spec/containers/0/env' },
          { op: 'replace', path: '/spec/template/spec/containers/0/env/3/value', value: CANARY },
        ],
      },
      {
        requestObject: [
          { value: [{ name: 'TOKEN', value: R }], op: 'add', path: '/spec/template/spec/containers/0/env' },
          { op: 'replace', path: '/spec/template/spec/containers/0/env/3/value', value: R },
        ],
      },
    ],
    [
      'a key that is called password',
      { objectRef: { resource: 'widgets' }, requestObject: { spec: { password: 'hunter2', passwordRef: 'x' } } },
      { requestObject: { spec: { password: R, passwordRef: 'x' } } },
    ],
    [
      'a bearer token in a message',
      { responseStatus: { metadata: {}, message: 'no such user for Bearer abc123DEF', code: 500 } },
      { responseStatus: { metadata: {}, message: 'no such user for Bearer [redacted]', code: 500 } },
    ],
    [
      'a bearer token in a body',
      { objectRef: { resource: 'configmaps' }, requestObject: { data: { conf: 'Authorization: Bearer abc123DEF' } } },
      { requestObject: { data: { conf: 'Authorization: Bearer [redacted]' } } },
    ],
    [
      'a private key in a body',
      { objectRef: { resource: 'configmaps' }, requestObject: { data: { key: '-----BEGIN PRIVATE KEY-----\nMII' } } },
      { requestObject: { data: { key: '[redacted private key]' } } },
    ],
    ['a token in the URI', { requestURI: '/api?token=abc&a=b' }, { requestURI: '/api?token=[redacted]&a=b' }],
    [
      'a token in an annotation',
      { annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '', 'x.io/y': 'token=abcdef' } },
      { annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '', 'x.io/y': 'token=[redacted]' } },
    ],
    [
      'a token in the user agent',
      { userAgent: 'curl/8 (authorization: bearer abc123DEF)' },
      { userAgent: 'curl/8 (authorization: bearer [redacted])' },
    ],
  ])('%s', (_title, members, expected) => {
    expect(redacted(members)).toMatchObject(expected as object);
  });

  it('leaves an error of the API server about such an object', () => {
    const status = { kind: 'Status', metadata: {}, status: 'Failure', message: 'secrets "x" not found', code: 404 };

    expect(redacted({ objectRef: secrets, responseObject: status })).toMatchObject({ responseObject: status });
  });

  it('never changes who, what and when', () => {
    const members = {
      user: { username: 'token=abc' },
      impersonatedUser: { username: 'Bearer abcdefgh' },
      objectRef: { resource: 'pods', name: 'password=x' },
      verb: 'get',
    };

    expect(redacted({ ...members, requestURI: '/x?token=abc' })).toMatchObject(members);
  });
});

describe('resources of the configuration', () => {
  const policy = redactionPolicy(['vaultconnections.secrets.example.com:spec.token,spec.backends.*.password', 'widgets/status', 'keys']);

  it('are redacted at their paths', () => {
    const objectRef = { resource: 'vaultconnections', apiGroup: 'secrets.example.com' };
    const spec = { token: 'x', address: 'y', backends: { one: { password: 'p', user: 'u' }, two: [{ password: 'q' }] } };

    expect(redacted({ objectRef, requestObject: { kind: 'VaultConnection', spec } }, policy)).toMatchObject({
      requestObject: {
        kind: 'VaultConnection',
        spec: { token: R, address: 'y', backends: { one: { password: R, user: 'u' }, two: [{ password: R }] } },
      },
    });
  });

  it('lose everything but their metadata when no path is named', () => {
    const body = { kind: 'Key', apiVersion: 'x/v1', metadata: { name: 'k' }, spec: { material: [1, 'a'], enabled: true }, secret: 'x' };

    expect(redacted({ objectRef: { resource: 'keys', apiGroup: 'any' }, requestObject: body }, policy)).toMatchObject({
      requestObject: { kind: 'Key', apiVersion: 'x/v1', metadata: { name: 'k' }, spec: { material: [R, R], enabled: true }, secret: R },
    });
  });

  it('may be a subresource alone', () => {
    const requestObject = { spec: { a: 'x' } };

    expect(redacted({ objectRef: { resource: 'widgets' }, requestObject }, policy)).toMatchObject({ requestObject });
    expect(redacted({ objectRef: { resource: 'widgets', subresource: 'status' }, requestObject }, policy)).toMatchObject({
      requestObject: { spec: { a: R } },
    });
  });

  it('keep the built-in ones', () => {
    expect(redacted({ objectRef: secrets, requestObject: { data: { a: CANARY } } }, policy)).toMatchObject({
      requestObject: { data: { a: R } },
    });
  });

  it.each([['Secrets'], ['a/b/c'], ['a:'], ['a:b c'], ['a:.b'], ['']])('refuses the entry %j', (entry) => {
    expect(redactionPolicy([entry])).toBeUndefined();
  });
});

describe('what is not redacted', () => {
  it('stays byte for byte as it came: numbers, escapes, order, spacing', () => {
    const item = `{ "auditID":"a","objectRef":{"resource":"secrets"}, "responseObject":{"n":12345678901234567890,"e":1E400,"z":-0.0,"u":"\\u0026\\u00e9","10":1,"2":2,"data":{"a":"${CANARY}"}},"x":[ 1 ] }`;

    expect(redactItem(Buffer.from(item), DEFAULT_REDACTION).bytes.toString()).toBe(item.replace(CANARY, R));
  });

  it('is given back as it is when there was nothing', () => {
    const item = Buffer.from('{"auditID":"a","requestURI":"/api"}');

    expect(redactItem(item, DEFAULT_REDACTION)).toEqual({ bytes: item, redacted: [] });
  });

  it('is the same after a second time, the subject of a certificate request included', () => {
    const objectRef = { resource: 'certificatesigningrequests', apiGroup: 'certificates.k8s.io' };
    const request =
      'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUJNd0VRSUJBREFNTVFvd0NBWURWUVFEREFGaAotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K';
    const once = redacted({ objectRef, requestObject: { spec: { request, signerName: 's' } } });

    expect(once).toMatchObject({ requestObject: { spec: { request: '[redacted] subject: CN=a', signerName: 's' } } });
    expect(redacted(once)).toEqual(once);
  });

  it('names what it touched', () => {
    const item = { auditID: 'a', requestURI: '/x?token=a', objectRef: secrets, requestObject: { data: { a: CANARY } } };

    expect(redactItem(Buffer.from(JSON.stringify(item)), DEFAULT_REDACTION).redacted).toEqual(['requestURI', 'requestObject']);
  });

  it('is not written at all when it cannot be read; the quarantine gets its size and hash', () => {
    const item = Buffer.from(`{"auditID":"a","objectRef":{"resource":"secrets"},"requestObject":{"data":{"a":"${CANARY}",}}}`);
    const { bytes, redacted: touched } = redactItem(item, DEFAULT_REDACTION);

    expect(touched).toEqual(['*']);
    expect(JSON.parse(bytes.toString())).toEqual({
      unreadable: { byteLength: item.length, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(parseAuditEvent(bytes)).toEqual({ kind: 'refused', reason: 'no auditID' });
  });

  it('may be nested a thousand deep', () => {
    const item = `{"auditID":"a","objectRef":{"resource":"secrets"},"requestObject":{"x":${'['.repeat(990)}"Bearer abc123DEF"${']'.repeat(990)},"data":{"a":"${CANARY}"}}}`;
    const text = redactItem(Buffer.from(item), DEFAULT_REDACTION).bytes.toString();

    expect(text).not.toContain(CANARY);
    expect(text).not.toContain('abc123DEF');
  });
});
