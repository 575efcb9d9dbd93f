import type { AuditEvent } from '@k8s-audit/audit-events';
import type { RequestAttributes } from '../model.ts';
import { attributesOf, readRequestInfo } from '../request-info/request-info.ts';

/**
 * What the policy saw of a request, from an event that was made of it.
 *
 * The URL says it, not `objectRef`: that one takes the name of a create from the body, which no policy ever sees. The
 * user is the one who authenticated, nobody where authentication failed, and never the impersonated one.
 */
export function attributesOfEvent(event: AuditEvent): RequestAttributes {
  const { username, groups } = event.user;
  const user = username === undefined || username === '' ? null : { username, groups: groups ?? [] };
  const reading = readRequestInfo(METHODS[event.verb] ?? event.verb.toUpperCase(), event.requestURI);
  // The verb is the API server's own word; the method that the URL was read with is a guess from it.
  if (reading.kind === 'request') return { ...attributesOf(reading.info, user), verb: event.verb };
  const { resource = '', subresource = '', namespace = '', name = '', apiGroup = '', apiVersion = '' } = event.objectRef ?? {};
  const resourceRequest = event.objectRef !== undefined;
  const path = event.requestURI.split('?', 1)[0] ?? '';
  return { user, verb: event.verb, resourceRequest, path, namespace, apiGroup, apiVersion, resource, subresource, name };
}

/** A method that gives the verb. */
const METHODS: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};
