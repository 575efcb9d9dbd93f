import { describe, expect, it } from 'vitest';
import { isCredentialName, redactText } from './redact-text.ts';
import { holdsCredentials, redactUri } from './redact-uri.ts';

const JWT = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl';

describe('redactText', () => {
  it.each([
    ['Authorization: Bearer abc123DEF', 'Authorization: Bearer [redacted]'],
    ['authorization: bearer abc123DEF', 'authorization: bearer [redacted]'],
    ['Basic dXNlcjpwYXNz', 'Basic [redacted]'],
    [`invalid token ${JWT} given`, 'invalid token [redacted] given'],
    [`${JWT.split('.').slice(0, 2).join('.')}`, '[redacted]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest', '[redacted private key]\nrest'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE', '[redacted private key]'],
    ['dial postgres://app:s3cr3t@db:5432/x', 'dial postgres://app:[redacted]@db:5432/x'],
    ['--password=hunter2 --user=me', '--password=[redacted] --user=me'],
    ['DB_PASSWORD=hunter2 x', 'DB_PASSWORD=[redacted] x'],
    ['{"password":"hunter2","a":1}', '{"password":"[redacted]","a":1}'],
    ['api-key: abcdef', 'api-key: [redacted]'],
    ['client_secret=a&b=c', 'client_secret=[redacted]&b=c'],
    ['two: token=abc token=def', 'two: token=[redacted] token=[redacted]'],
  ])('%j', (text, expected) => {
    expect(redactText(text)).toBe(expected);
    expect(redactText(redactText(text))).toBe(expected);
  });

  it.each([
    'Authentication failed, attempted: bearer',
    'Authentication failed, attempted: basic',
    'basic authentication is not supported',
    'bearer token is expired',
    'secrets is forbidden: User "x" cannot list resource "secrets" in API group "" at the cluster scope',
    'RBAC: allowed by ClusterRoleBinding "token-cleaner" of ClusterRole "secret-reader" to User "x"',
    'https://10.0.0.1:6443/api?x=a@b',
    'serviceaccounts "token" not found',
    '',
  ])('leaves %j', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it.each([
    'password',
    'token_',
    'eyJ',
    'eyJ.',
    'eyJabcdefgh.',
    'a_',
    'a://',
    'a://b:',
    'bearer ',
    'bearer +',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    'secret \\',
    'key=',
    ' ',
    ':',
  ])('looks once, whatever %j it is given a megabyte of', (piece) => {
    const text = `password ${piece.repeat(1_000_000 / piece.length)} PRIVATE KEY-----`;

    // Some milliseconds. A pattern that begins again within a run takes minutes, and the runner gives the test up.
    expect(redactText(redactText(text))).toBe(redactText(text));
    expect(holdsCredentials(`/x?${redactUri(`/x?${text}`)}`)).toEqual(expect.any(Boolean));
  });
});

it.each([
  ['DB_PASSWORD', true],
  ['PGPASSWORD', true],
  ['password', true],
  ['API_KEY', true],
  ['AWS_SECRET_ACCESS_KEY', true],
  ['GITHUB_TOKEN', true],
  ['accessToken', true],
  ['client-secret', true],
  ['GOOGLE_CREDENTIALS', true],
  ['TLS_PRIVATE_KEY', true],
  ['secretName', false],
  ['PASSWORD_FILE', false],
  ['TOKEN_PATH', false],
  ['SECRET_NAMESPACE', false],
  ['TOKENIZER', false],
  ['KEY', false],
  ['HOSTNAME', false],
])('%s is the name of a credential: %s', (name, expected) => {
  expect(isCredentialName(name)).toBe(expected);
});
