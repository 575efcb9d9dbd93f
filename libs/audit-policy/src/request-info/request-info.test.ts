import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequestInfo } from './request-info.ts';

const info = (method: string, url: string): object => {
  const reading = readRequestInfo(method, url);
  return reading.kind === 'request' ? reading.info : reading;
};

// The recorded requests are held in tools/conformance; these are the turns that a person stumbles over.
describe('readRequestInfo', () => {
  it.each<[method: string, url: string, parts: object]>([
    [
      'GET',
      '/api/v1/namespaces/prod/pods/web/exec?command=sh',
      { verb: 'get', resource: 'pods', subresource: 'exec', name: 'web', namespace: 'prod' },
    ],
    ['POST', '/api/v1/namespaces/prod/pods/web/exec', { verb: 'create', subresource: 'exec' }],
    ['GET', '/api/v1/namespaces/prod', { verb: 'get', resource: 'namespaces', name: 'prod', namespace: 'prod' }],
    ['PUT', '/api/v1/namespaces/prod/finalize', { resource: 'namespaces', subresource: 'finalize', namespace: 'prod' }],
    ['GET', '/apis/apps/v1/deployments', { verb: 'list', apiGroup: 'apps', namespace: '' }],
    ['DELETE', '/api/v1/namespaces/prod/secrets', { verb: 'deletecollection', name: '' }],
    ['GET', '/api/v1/secrets?watch=true&fieldSelector=metadata.name%3Dx', { verb: 'watch', name: 'x' }],
    ['GET', '/api/v1/secrets?fieldSelector=metadata.name%3Dx&limit=many', { verb: 'list', name: '' }],
    ['GET', '/api/v1/secrets?watch=&labelSelector=a%20in%20(', { verb: 'watch', name: '' }],
    ['GET', '/api/v1/secrets?fieldSelector=metadata.name%3D..', { verb: 'list', name: '' }],
    ['GET', '/api/v1/secrets?watch=1;a', { verb: 'list' }],
    ['GET', '/api/v1/watch/pods', { verb: 'watch', resource: 'pods' }],
    ['GET', '/api/v1/namespaces/a/pods/x%2Flog', { name: 'x', subresource: 'log' }],
    ['OPTIONS', '/api/v1/pods', { verb: '', isResourceRequest: true }],
    ['GET', '/healthz?verbose', { verb: 'get', isResourceRequest: false, path: '/healthz' }],
    ['GET', '/apis/apps/v1', { isResourceRequest: false, apiPrefix: 'apis' }],
    ['GET', 'https://10.0.0.1:6443/api/v1/pods', { verb: 'list', path: '/api/v1/pods' }],
    ['GET', 'https://[::ffff:10.0.0.1]:6443/api/v1/pods', { verb: 'list', path: '/api/v1/pods' }],
  ])('%s %s', (method, url, parts) => {
    expect(info(method, url)).toMatchObject(parts);
  });

  it.each([
    ['/api/v1/watch', /^unable to determine kind and namespace from url, \/api\/v1\/watch$/],
    ['/api/%zz', /two hexadecimal digits/],
    ['api/v1/pods', /does not start with a slash/],
    ['/a\nb', /control character/],
    ['', /empty/],
    ['https://a:b/x', /its host is none/],
    ['https://[::x]/x', /its host is none/],
    ['https://u:{@h/x', /its host is none/],
  ])('knows that nothing comes of %j', (url, message) => {
    expect(readRequestInfo('GET', url)).toMatchObject({ kind: 'broken', message: expect.stringMatching(message) });
  });

  it('has an answer to any URL', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (path, query) => {
        expect(['request', 'broken']).toContain(
          readRequestInfo('GET', `/api/v1/${path}?labelSelector=${query}&fieldSelector=${query}`).kind,
        );
      }),
    );
  });
});
