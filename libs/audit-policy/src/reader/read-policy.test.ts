import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPolicy } from './read-policy.ts';

const FIXTURES = resolve(import.meta.dirname, '../../../../fixtures');
const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';

interface DocumentRow {
  readonly name: string;
  readonly yaml: string;
  readonly ok: boolean;
  readonly error?: string;
  readonly strictErrors: readonly string[];
}

const rows = readFileSync(`${FIXTURES}/policy/documents.jsonl`, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as DocumentRow);

const messageOf = (text: string | Uint8Array): string => {
  const reading = readPolicy(text);
  return reading.kind === 'refused' ? reading.message : 'loaded';
};

describe('readPolicy', () => {
  it.each(rows)('reads "$name" as kube-apiserver was seen to', ({ yaml, ok, error, strictErrors }) => {
    const reading = readPolicy(yaml);

    expect(reading.kind).toBe(ok ? 'policy' : 'refused');
    if (reading.kind === 'refused') expect(reading.message).toBe(error);
    if (!error?.startsWith('failed decoding')) expect(reading.strictErrors.map(({ message }) => message)).toEqual(strictErrors);
  });

  it('loads the published policy of the guide, whose verbs it ignores, and says where they stand', () => {
    const reading = readPolicy(readFileSync(`${FIXTURES}/guide/audit-policy.yaml`));

    expect(reading).toMatchObject({
      kind: 'policy',
      strictErrors: [{ path: 'rules[3].resources[0].verbs', place: { line: 39, column: 13 } }],
    });
  });

  it.each([
    ['a key in another case', '{"APIVERSION":"audit.k8s.io/v1","Kind":"Policy","rules":[{"level":"None"}]}', 'loaded'],
    [
      'a number where text belongs',
      `${HEAD}metadata: {generation: 1.5}\nrules: []`,
      'failed decoding: json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64',
    ],
    [
      'a time that is none',
      `${HEAD}metadata: {creationTimestamp: yesterday}`,
      'failed decoding: parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
    ],
    [
      'a template that was not rendered',
      `${HEAD}rules: {{ .rules }}`,
      'failed decoding: yaml: invalid map key: map[interface {}]interface {}{".rules":interface {}(nil)}',
    ],
    ['an alias of itself', `${HEAD}rules: &r [*r]`, "failed decoding: yaml: anchor 'r' value contains itself"],
    [
      'a list of policies',
      'apiVersion: audit.k8s.io/v1\nkind: PolicyList\n',
      'failed decoding: converting (v1.PolicyList) to (audit.Policy): unknown conversion',
    ],
    [
      'JSON that ends early',
      '{"kind": "Policy"',
      "failed decoding: couldn't get version/kind; json parse error: unexpected end of JSON input",
    ],
    [
      'JSON with a slip',
      '{kind: Policy}',
      "failed decoding: couldn't get version/kind; json parse error: invalid character 'k' looking for beginning of object key string",
    ],
    [
      'a group without a version',
      'apiVersion: apps/\nkind: Policy\n',
      "failed decoding: Object 'apiVersion' is missing in 'apiVersion: apps/\nkind: Policy\n'",
    ],
    ['bytes that are no text', Buffer.from([0x61, 0xff]), 'failed decoding: yaml: invalid leading UTF-8 octet'],
    ['a control character', 'a: \x07', 'failed decoding: yaml: control characters are not allowed'],
    ['another YAML', '%YAML 1.2\n---\na: b', 'failed decoding: yaml: found incompatible YAML document'],
    ['protobuf', Buffer.from('k8s\0\x01'), 'failed decoding: a policy in protobuf form is not read by this program'],
  ])('answers to %s as Go does', (_, text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  it('keeps both of two keys in mind when JSON has one twice: Go decodes into the same memory', () => {
    const reading = readPolicy(
      '{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"level":"None","users":["a"]}],"rules":[{"level":"Metadata"}]}',
    );

    expect(reading).toMatchObject({
      kind: 'policy',
      policy: { rules: [{ level: 'Metadata', users: ['a'] }] },
      strictErrors: [{ kind: 'duplicate-field', path: 'rules' }],
    });
  });

  it('reads UTF-16, as YAML allows', () => {
    expect(messageOf(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${HEAD}rules: [{level: None}]`, 'utf16le')]))).toBe('loaded');
  });

  it('says where a second document starts, and that of a key which comes twice', () => {
    const text = `${HEAD}rules:\n- level: None\n  level: Metadata\n---\nkind: Policy\n`;

    expect(readPolicy(text)).toMatchObject({
      source: { format: 'yaml', more: { line: 6, column: 1 } },
      strictErrors: [{ kind: 'duplicate-keys', keys: [{ place: { line: 5, column: 3 } }] }],
    });
  });

  it('knows that a group "*" came with 1.36', () => {
    const text = `${HEAD}rules: [{level: None, resources: [{group: '*'}]}]`;

    expect(readPolicy(text)).toMatchObject({ kind: 'policy' });
    expect(readPolicy(text, { kubernetesVersion: '1.35' })).toMatchObject({
      kind: 'refused',
      errors: [{ field: 'rules[0].resources.group', badValue: '*' }],
    });
  });

  it('ends its message with the file’s path, as kube-apiserver does', () => {
    expect(readPolicy('', { path: '/etc/p.yaml' })).toMatchObject({
      message: expect.stringMatching(/ in policy: from file \/etc\/p\.yaml$/),
    });
  });
});
