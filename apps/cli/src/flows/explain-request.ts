import {
  attributesOf,
  type Explanation,
  explainDecision,
  type RequestAttributes,
  readRequestInfo,
  withImpliedGroups,
} from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import type { LoadedPolicy } from './load-policy.ts';

/** Undefined user: nobody could be authenticated. */
export interface AskedRequest {
  /** `GET /api/v1/namespaces/prod/secrets/x`. */
  readonly request: string;
  readonly user: string | undefined;
  readonly groups: readonly string[];
  /** Whom the user impersonates. */
  readonly as?: string | undefined;
}

export type RequestAnswer =
  | { readonly kind: 'explained'; readonly explanation: Explanation; readonly impersonates?: string }
  /** The API server turns the request down before it audits anything. */
  | { readonly kind: 'not-audited'; readonly reason: string };

/** What a policy does with a request that a person names by its method and URL. */
export function explainRequest({ policy, source }: LoadedPolicy, asked: AskedRequest): RequestAnswer {
  const match = /^\s*([A-Za-z]+)\s+(\S+)\s*$/.exec(asked.request);
  if (match === null)
    throw new Failure('USAGE', `--request takes a method and a URL, not ${JSON.stringify(asked.request)}`, {
      hint: '--request "GET /api/v1/namespaces/prod/secrets/x"; kubectl -v 6 shows the URL of each request',
    });
  const [, method = '', url = ''] = match;
  const reading = readRequestInfo(method.toUpperCase(), url);
  if (reading.kind === 'broken') return { kind: 'not-audited', reason: reading.message };
  const user: RequestAttributes['user'] =
    asked.user === undefined ? null : { username: asked.user, groups: withImpliedGroups(asked.user, asked.groups) };
  return {
    kind: 'explained',
    explanation: explainDecision(policy, attributesOf(reading.info, user), source),
    ...(asked.as === undefined ? {} : { impersonates: asked.as }),
  };
}
