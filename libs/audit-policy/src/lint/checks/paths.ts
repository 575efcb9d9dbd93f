import { readRequestInfo } from '../../request-info/request-info.ts';
import { decodePercent } from '../../request-info/request-uri.ts';
import { finding, fixOf, type LintContext, valueAt } from '../context.ts';
import { replaceString } from '../edits.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { quoted } from '../wording.ts';

export const URL_NEVER_MATCHES: FindingKind = {
  id: 'url-never-matches',
  severity: 'error',
  title: 'a path that no request has',
  why: 'The path is compared without the query string and after percent-decoding: `/readyz?verbose` and `/a%20b` never match, and kube-apiserver accepts them.',
  remedy: 'Write the path alone, decoded.',
  example: '- level: None\n  nonResourceURLs: ["/readyz?verbose", /healthz]\n- level: Metadata\n',
};

export const URL_IS_RESOURCE: FindingKind = {
  id: 'url-is-resource',
  severity: 'error',
  title: 'the path of a resource among nonResourceURLs',
  why: 'A request below `/api/v1/` or `/apis/GROUP/VERSION/` is a request for a resource, and `nonResourceURLs` never match it.',
  remedy: 'Match it with `resources`.',
  example: '- level: None\n  nonResourceURLs: ["/api/v1/namespaces/*"]\n- level: Metadata\n',
};

export const URL_PREFIX: FindingKind = {
  id: 'url-prefix',
  severity: 'info',
  title: 'a prefix that goes on within a word',
  why: 'A trailing `*` is any rest, slash or not: `/healthz*` also matches /healthzz, and `/api*` matches /apis and all below it.',
  remedy: 'Write the path and the path with `/*` if only that was meant.',
  example: '- level: None\n  nonResourceURLs: ["/api*"]\n- level: Metadata\n',
};

export const PATH_KINDS: readonly FindingKind[] = [URL_NEVER_MATCHES, URL_IS_RESOURCE, URL_PREFIX];

export function* checkPaths({ rules, text }: LintContext): Iterable<Finding> {
  for (const { rule, data, path } of rules)
    for (const [index, url] of (rule.nonResourceURLs ?? []).entries()) {
      const value = valueAt(data, 'nonResourceURLs', index);
      const at = `${path}.nonResourceURLs[${index}]`;
      const plain = plainPath(url);
      if (plain !== url)
        yield finding(URL_NEVER_MATCHES, value, {
          path: at,
          message: `no path is ${quoted(url)}: it is compared decoded, without the query string`,
          advice: plain === undefined ? 'write the path decoded' : `write ${quoted(plain)}`,
          fix:
            plain === undefined
              ? undefined
              : fixOf(`write ${quoted(plain)} for ${quoted(url)}`, 'stated', replaceString(text, value, plain)),
        });
      else if (isResource(url))
        yield finding(URL_IS_RESOURCE, value, {
          path: at,
          message: `requests below ${quoted(url)} are for resources: nonResourceURLs never match them`,
          advice: 'match them with resources',
        });
      else if (/[^/*]\*$/.test(url))
        yield finding(URL_PREFIX, value, {
          path: at,
          message: `${url} matches everything that begins with ${url.slice(0, -1)}${url === '/api*' ? ', /apis and all below it included' : `, ${url.slice(0, -1)}${url.at(-2)} too`}`,
          advice: `write ${url.slice(0, -1)} and ${url.slice(0, -1)}/* if only that was meant`,
        });
    }
}

/** As the path of a request would be; undefined: it is no path at all. */
function plainPath(url: string): string | undefined {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const decoded = decodePercent(path);
  if (decoded === undefined) return undefined;
  return decoded === '' ? '/' : decoded;
}

function isResource(url: string): boolean {
  const isPrefix = url.endsWith('*');
  const path = url.replace(/\*+$/, '');
  const names = [path, ...(isPrefix && path.endsWith('/') ? [`${path}x`] : [])];
  return names.some((name) => {
    const reading = readRequestInfo('GET', encodeURI(name));
    return reading.kind === 'request' && reading.info.isResourceRequest;
  });
}
