import { expect, it } from 'vitest';
import { holdsCredentials, redactUri } from './redact-uri.ts';

const JWT = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl';

it.each([
  ['/api?access_token=abc&watch=1', '/api?access_token=[redacted]&watch=1'],
  ['/api?watch=1;token=abc', '/api?watch=1;token=[redacted]'],
  ['/api?Token=abc', '/api?Token=[redacted]'],
  ['/api?%74oken=abc', '/api?%74oken=[redacted]'],
  [
    '/api?x-amz-security-token=a%2Fb&X-Amz-Signature=ff&X-Amz-Date=1',
    '/api?x-amz-security-token=[redacted]&X-Amz-Signature=[redacted]&X-Amz-Date=1',
  ],
  ['/x?sig=abc&sv=2020&api-key=1&client_secret=2', '/x?sig=[redacted]&sv=2020&api-key=[redacted]&client_secret=[redacted]'],
  ['/x?password=a%26b', '/x?password=[redacted]'],
  [`/api/v1/namespaces/n/services/s/proxy/login/${JWT}`, '/api/v1/namespaces/n/services/s/proxy/login/[redacted]'],
  ['/x?q=Bearer+abc123DEF', '/x?q=Bearer%20[redacted]'],
  ['/x?url=https%3A%2F%2Fme%3Apw%40host', '/x?url=https%3A%2F%2Fme%3A[redacted]%40host'],
  ['/x/proxy/http://me:pw@host/', '/x/proxy/http://me:[redacted]@host/'],
  [
    '/exec?command=curl&command=-H&command=Authorization%3A+Bearer+abc123DEF&container=c',
    '/exec?command=curl&command=-H&command=Authorization%3A%20Bearer%20[redacted]&container=c',
  ],
  ['/exec?command=mysql&command=--password%3Dhunter2', '/exec?command=mysql&command=--password%3D[redacted]'],
  ['/x?q=%ff+Bearer+abc123DEF', '/x?q=%C3%BF%20Bearer%20[redacted]'],
  ['/x?token', '/x?token'],
  ['/x?token=', '/x?token='],
])('takes the credential out of %s', (uri, expected) => {
  expect(redactUri(uri)).toBe(expected);
  expect(redactUri(expected)).toBe(expected);
  expect(holdsCredentials(uri)).toBe(uri !== expected);
});

it.each([
  '/api/v1/namespaces/kube-system/serviceaccounts/token-cleaner/token?timeout=10s',
  '/api/v1/secrets?limit=500&labelSelector=a%3Db%2Ctoken&fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken',
  '/apis/authentication.k8s.io/v1/tokenreviews',
  '/api/v1/pods?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTJ9&resourceVersion=0',
  '/exec?command=sh&command=-c&command=ls+%2Fvar%2Frun%2Fsecrets%2Fkubernetes.io%2Fserviceaccount&stdin=true',
  '/apis?%',
  '',
])('leaves %s', (uri) => {
  expect(redactUri(uri)).toBe(uri);
  expect(holdsCredentials(uri)).toBe(false);
});
