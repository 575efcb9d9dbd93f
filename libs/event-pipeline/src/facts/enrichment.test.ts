import type { AuditEvent, UserInfo } from '@k8s-audit/audit-events';
import { describe, expect, it } from 'vitest';
import { auditEvent } from '../testing/audit-event.ts';
import { actionOf } from './action.ts';
import { actorOf } from './actor.ts';
import { outcomeOf } from './outcome.ts';
import { unseenOf } from './unseen.ts';

const of = (resource: string, subresource?: string): Partial<AuditEvent> => ({
  objectRef: { resource, ...(subresource === undefined ? {} : { subresource }) },
});

describe('actionOf', () => {
  it.each<[Partial<AuditEvent>, string]>([
    [{ verb: 'create', ...of('deployments') }, 'create deployments'],
    [{ verb: 'get', ...of('pods', 'exec') }, 'exec pods'],
    [{ verb: 'create', ...of('pods', 'exec') }, 'exec pods'],
    [{ verb: 'get', ...of('pods', 'attach') }, 'attach pods'],
    [{ verb: 'get', ...of('pods', 'portforward') }, 'portforward pods'],
    [{ verb: 'get', ...of('nodes', 'proxy') }, 'proxy nodes'],
    [{ verb: 'get', ...of('pods', 'log') }, 'log pods'],
    [{ verb: 'patch', ...of('pods', 'ephemeralcontainers') }, 'debug pods'],
    [{ verb: 'create', ...of('pods', 'binding') }, 'bind pods'],
    [{ verb: 'create', ...of('pods', 'eviction') }, 'evict pods'],
    [{ verb: 'patch', ...of('deployments', 'scale') }, 'scale deployments'],
    [{ verb: 'get', ...of('deployments', 'scale') }, 'get deployments/scale'],
    [{ verb: 'create', ...of('serviceaccounts', 'token') }, 'request-token serviceaccounts'],
    [{ verb: 'update', ...of('certificatesigningrequests', 'approval') }, 'approve certificatesigningrequests'],
    [{ verb: 'update', ...of('pods', 'status') }, 'update pods/status'],
    [{ verb: 'deletecollection', ...of('events') }, 'deletecollection events'],
    [{ verb: 'get', ...of('widgets', 'constructor') }, 'get widgets/constructor'],
  ])('%j is "%s"', (more, action) => {
    expect(actionOf(auditEvent(more))).toBe(action);
  });

  it('is the path without a resource, no query, never endless', () => {
    const { objectRef: _, ...bare } = auditEvent({ verb: 'get', requestURI: '/healthz?verbose=1' });

    expect(actionOf(bare)).toBe('get /healthz');
    expect(actionOf({ ...bare, requestURI: `/${'x'.repeat(5_000)}` })).toHaveLength(4 + 256);
  });
});

it.each<[Partial<AuditEvent>, string]>([
  [{}, 'allowed'],
  [{ stage: 'RequestReceived', responseStatus: undefined as never, annotations: undefined as never }, 'pending'],
  [{ stage: 'ResponseStarted', responseStatus: { code: 101 } }, 'allowed'],
  [{ stage: 'ResponseStarted', responseStatus: { code: 401 }, user: {} }, 'unauthenticated'],
  [{ responseStatus: { code: 403 }, annotations: { 'authorization.k8s.io/decision': 'forbid' } }, 'forbidden'],
  [{ responseStatus: { code: 403 } }, 'forbidden'],
  [{ responseStatus: { code: 200 }, annotations: { 'authorization.k8s.io/decision': 'forbid' } }, 'forbidden'],
  [{ responseStatus: { code: 404 } }, 'failed'],
  [{ responseStatus: { code: 409 } }, 'failed'],
  [{ responseStatus: { code: 503 } }, 'failed'],
  [{ stage: 'Panic', responseStatus: {} }, 'failed'],
])('%j is %s', (more, outcome) => {
  expect(outcomeOf(auditEvent(more))).toBe(outcome);
});

it.each<[UserInfo, string]>([
  [{ username: 'alice', groups: ['system:masters'] }, 'human'],
  [{ username: 'system:admin' }, 'human'],
  [{}, 'anonymous'],
  [{ username: '' }, 'anonymous'],
  [{ username: 'system:anonymous', groups: ['system:unauthenticated'] }, 'anonymous'],
  [{ username: 'guest', groups: ['system:unauthenticated'] }, 'anonymous'],
  [{ username: 'system:serviceaccount:ci:deployer' }, 'service-account'],
  [{ username: 'system:serviceaccount:kube-system:deployment-controller' }, 'service-account'],
  [{ username: 'system:node:worker-1', groups: ['system:nodes'] }, 'node'],
  [{ username: 'system:kube-scheduler' }, 'control-plane'],
  [{ username: 'system:apiserver', groups: ['system:masters'] }, 'control-plane'],
  [{ username: 'alice', groups: ['system:nodes'] }, 'human'],
])('%j is %s', (user, actor) => {
  expect(actorOf(user)).toBe(actor);
});

describe('unseenOf', () => {
  const body = { kind: 'Pod' };
  it.each<[string, Partial<AuditEvent>, string]>([
    ['both recorded', { requestObject: body, responseObject: body }, 'none'],
    ['a create at Metadata', { level: 'Metadata' }, 'request,response'],
    ['a create at Request', { level: 'Request', requestObject: body }, 'response'],
    ['a create whose response is still to come', { level: 'Request', stage: 'RequestReceived' }, 'request'],
    ['a get at Metadata', { level: 'Metadata', verb: 'get' }, 'response'],
    ['a get at RequestResponse of nothing', { verb: 'get' }, 'none'],
    ['a watch', { level: 'Metadata', verb: 'watch' }, 'none'],
    ['a delete at Metadata', { level: 'Metadata', verb: 'delete' }, 'response'],
    ['an exec', { level: 'Metadata', verb: 'create', ...of('pods', 'exec') }, 'none'],
    ['no resource', { level: 'Metadata', objectRef: undefined as never }, 'none'],
    ['cut by the API server', { annotations: { 'audit.k8s.io/truncated': 'true' } }, 'request,response'],
    ['cut by the scanner', { omittedBodies: 'responseObject', requestObject: body, responseObject: null }, 'response'],
    ['a level of the future', { level: 'Everything', requestObject: body, responseObject: body }, 'none'],
  ])('%s: %s', (_title, more, unseen) => {
    expect(unseenOf(auditEvent(more))).toBe(unseen);
  });
});
