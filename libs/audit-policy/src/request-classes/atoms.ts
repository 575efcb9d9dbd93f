import { attributesOf, readRequestInfo } from '../request-info/request-info.ts';
import type { Axis, Term } from './term.ts';

/** Stands for every value that no rule names: they are all alike. */
export const OTHER = '\0other';
/** The user of a request that nobody could authenticate. */
export const NOBODY = '\0nobody';
export const ANONYMOUS = 'system:anonymous';

/** Every verb of a request for a resource; the empty one comes of OPTIONS and the like (requestinfo.go). */
export const RESOURCE_VERBS: readonly string[] = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'proxy',
  '',
];

/**
 * The values of an axis that rules can tell apart. What no request can have is left out: a rule that asks for it never
 * matches, and no difference between two policies lies there.
 */
export function atomsOf(axis: Axis, terms: readonly Term[], kind: 'resource' | 'path'): readonly string[] {
  const named = new Set(terms.flatMap((term) => [...(term.conditions[axis] ?? [])]));
  switch (axis) {
    case 'verb':
      return kind === 'resource' ? RESOURCE_VERBS : [...[...named].filter(isMethod), OTHER];
    case 'user':
      return [...new Set([...named, ANONYMOUS]), NOBODY, OTHER];
    case 'path':
      return [...[...named].filter((pattern) => pathOf(pattern, named) !== undefined), OTHER];
    case 'apiGroup':
    case 'resource':
      return [...[...named].filter(isSegment), ...(named.has('') ? [''] : []), OTHER];
    default:
      // The empty text says something of its own here: no subresource, no namespace, no name.
      return [...new Set(['', ...[...named].filter(isSegment)]), OTHER];
  }
}

/** A method in lower case; Go's server takes any token for one. */
function isMethod(verb: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(verb);
}

function isSegment(text: string): boolean {
  return text !== '' && !text.includes('/');
}

/**
 * A path for which the pattern is the most specific of all that are named, and that is none of a resource; undefined:
 * there is none.
 */
export function pathOf(pattern: string, named: ReadonlySet<string>): string | undefined {
  const prefix = pattern.replace(/\*+$/, '');
  const candidates = prefix === pattern ? [pattern] : ['', '/', 'other', '/other', '-other-path'].map((rest) => prefix + rest);
  return candidates.find((path) => mostSpecific(path, named) === pattern && isPlainPath(path));
}

/** The pattern that says most about a path: the path itself, or the longest prefix. */
export function mostSpecific(path: string, patterns: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestLength = -1;
  for (const pattern of patterns) {
    if (pattern === path) return pattern;
    if (!pattern.endsWith('*')) continue;
    const prefix = pattern.replace(/\*+$/, '');
    if (path.startsWith(prefix) && prefix.length > bestLength) [best, bestLength] = [pattern, prefix.length];
  }
  return best;
}

function isPlainPath(path: string): boolean {
  const reading = readRequestInfo('GET', encodeURI(path));
  return reading.kind === 'request' && !reading.info.isResourceRequest && attributesOf(reading.info, null).path === path;
}
