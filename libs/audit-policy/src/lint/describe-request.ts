import { resourceOf } from '../explanation/mismatch.ts';
import type { RequestAttributes } from '../model.ts';

/**
 * An example request in words: `create of secrets in any namespace by anybody`. Values that stand for all those that no
 * rule names begin with `any-other`.
 */
export function describeRequest({ user, verb, resourceRequest, path, namespace, name, ...object }: RequestAttributes): string {
  const what = resourceRequest ? resourceOf({ user, verb, resourceRequest, path, namespace, name, ...object }) : path;
  const parts = [
    `${isAny(verb) ? 'any verb' : verb} on ${what
      .split(/([./])/)
      .map((part) => (isAny(part) ? 'any' : part))
      .join('')}`,
    ...(!resourceRequest || name === '' || isAny(name) ? [] : [`called ${name}`]),
    ...(!resourceRequest || namespace === '' || isAny(namespace) ? [] : [`in ${namespace}`]),
    ...describeUser(user),
  ];
  return parts.join(' ');
}

function describeUser(user: RequestAttributes['user']): readonly string[] {
  if (user === null) return [];
  const groups = user.groups.filter((group) => group !== 'system:authenticated');
  if (!isAny(user.username)) return [`by ${user.username}`];
  return groups.length === 0 ? [] : [`by a member of ${groups.join(', ')}`];
}

function isAny(value: string): boolean {
  return value.startsWith('any-other');
}
