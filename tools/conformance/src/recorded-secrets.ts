/**
 * `npx node tools/conformance/src/recorded-secrets.ts [--write]`: which credentials the recorded traffic holds, as the list of hashes
 * fixtures/recorded/secret-hashes.json. Written anew when the recording is; without `--write` it says whether the list is current.
 *
 * Looks for credentials in its own, simple way and knows nothing of the redaction, which is tested against the list.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type SecretList, secretForms } from '@k8s-audit/event-pipeline/testing';

const RECORDED = new URL('../../../fixtures/recorded/', import.meta.url);
const LIST = new URL('secret-hashes.json', RECORDED);

const list = JSON.stringify(listSecrets(), null, 1);
if (process.argv.includes('--write')) {
  writeFileSync(LIST, `${list}\n`);
  console.log(`${LIST.pathname} written`);
} else if (readFileSync(LIST, 'utf8').trim() !== list) {
  console.error('The list of secrets is not the one of the recorded traffic. Run it with --write.');
  process.exitCode = 1;
}

function listSecrets(): SecretList & { readonly of: string } {
  const file = 'request-response.eventlists.jsonl';
  const found = new Map<string, string>();
  for (const line of readFileSync(new URL(file, RECORDED), 'utf8').trim().split('\n')) {
    for (const event of JSON.parse(line).items) {
      for (const [secret, what] of secretsOf(event, event.objectRef?.resource ?? '')) if (!found.has(secret)) found.set(secret, what);
    }
  }
  const secrets = [...found].map(([secret, what], index) => ({
    what: `${index + 1}: ${what}`,
    forms: secretForms(Buffer.from(secret, 'latin1')),
  }));
  return { of: file, secrets };
}

/** Secrets as bytes in latin1, with a word about each. */
function* secretsOf(value: unknown, resource: string, path = ''): Generator<readonly [string, string]> {
  if (typeof value === 'string') {
    for (const token of value.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? []) yield [token, 'JSON web token'];
    if (/^LS0tLS1CRUdJTi/.test(value)) {
      yield [value, `${resource} PEM in base64`];
      yield [decoded(value), `${resource} PEM`];
    }
    if (/^[{[]/.test(value) && isJson(value)) yield* secretsOf(JSON.parse(value), resource, path);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const object = value as Record<string, unknown>;
  if (object['kind'] === 'Secret' || (resource === 'secrets' && path === '')) {
    for (const [key, each] of Object.entries((object['data'] ?? {}) as Record<string, string>))
      yield [decoded(each), `secrets data ${key}`];
    for (const [key, each] of Object.entries((object['stringData'] ?? {}) as Record<string, string>))
      yield [each, `secrets stringData ${key}`];
  }
  for (const [key, each] of Object.entries(object)) {
    if (key === 'token' && typeof each === 'string' && each !== '') yield [each, 'token'];
    // Bodies begin anew: in them the path is that of the object.
    yield* secretsOf(each, resource, key === 'requestObject' || key === 'responseObject' ? '' : `${path}.${key}`);
  }
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
