/**
 * Two random policies, and what `comparePolicies` and `coverageOf` say of them, against each request tried by itself. What must hold: every
 * request that changes is in exactly one change, no other is in any, and so for what is needed and not recorded.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { type ChangedRequests, comparePolicies, coverageOf, createEvaluator, isInClass, recordedOf } from '@k8s-audit/audit-policy';
import { policyPair, possibleRequest } from '@k8s-audit/audit-policy/testing';
import fc from 'fast-check';
import type { Target } from './target.ts';

const REQUESTS = 200;
const EVERYTHING = { level: 'Metadata', resources: '*', verbs: '*', stages: ['ResponseComplete'] } as const;

export const fuzzPolicies: Target = async ({ milliseconds, seed }) => {
  let runs = 0;
  fc.assert(
    fc.property(policyPair, fc.array(possibleRequest, { minLength: REQUESTS, maxLength: REQUESTS }), ([before, after], requests) => {
      runs += 1;
      const difference = comparePolicies(before, after, Number.POSITIVE_INFINITY);
      const coverage = coverageOf(after, EVERYTHING, Number.POSITIVE_INFINITY);
      if (difference.kind === 'too-large' || coverage.kind === 'too-large') throw new Error('a few rules are too large');
      const gaps = coverage.kind === 'full' ? [] : coverage.gaps;
      const [decideBefore, decideAfter] = [createEvaluator(before), createEvaluator(after)];
      for (const request of requests) {
        const [a, b] = [recordedOf(decideBefore(request)), recordedOf(decideAfter(request))];
        const isChanged = JSON.stringify(a) !== JSON.stringify(b);
        const changes: readonly ChangedRequests[] = difference.changes.filter(({ parts }) =>
          parts.some((part) => isInClass(part, request)),
        );
        deepStrictEqual(
          changes.map((change) => [change.before, change.after]),
          isChanged ? [[a, b]] : [],
        );
        const isMissing = request.user !== null && (b.level === 'None' || b.omitStages.includes('ResponseComplete'));
        ok(gaps.some(({ parts }) => parts.some((part) => isInClass(part, request))) === isMissing, JSON.stringify({ after, request }));
      }
    }),
    { seed, interruptAfterTimeLimit: milliseconds, numRuns: Number.MAX_SAFE_INTEGER, markInterruptAsFailure: false },
  );
  return `${runs} pairs of policies, ${runs * REQUESTS} requests, every one where it belongs`;
};
