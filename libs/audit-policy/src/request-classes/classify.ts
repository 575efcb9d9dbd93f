import type { Policy } from '../model.ts';
import { buildDiagram, type VerdictOf } from './diagram.ts';
import { regionsOf } from './region.ts';
import { classOf, type RequestClass } from './request-class.ts';
import { pathTerms, resourceTerms } from './term.ts';
import { type Witness, witnessOf } from './witness.ts';

/** All requests for resources, or all for other paths, that have the same verdict. */
export interface JudgedRequests {
  readonly verdict: string;
  /** Holds them all. */
  readonly requests: RequestClass;
  /** `requests` holds no other request. */
  readonly isExact: boolean;
  /** Disjoint, and together exactly them; at most as many as were asked for. */
  readonly parts: readonly RequestClass[];
  readonly partCount: number;
  /** One of them. */
  readonly witness: Witness;
}

export type Classification =
  | { readonly kind: 'classified'; readonly judged: readonly JudgedRequests[] }
  /** The policies name so many things together that it cannot be worked out within the bound. */
  | { readonly kind: 'too-large' };

/**
 * Sorts all requests that there can be by what several policies make of them: `verdictOf` is given the index of the
 * rule that decides in each; requests for which it gives the same text belong together, and those for which it gives
 * undefined to nothing.
 *
 * Exact over these requests: verbs are those of requestinfo.go, a get and a delete have a name and a deletecollection
 * has none; users are in the groups that their name brings (withImpliedGroups) and perhaps in others, only the anonymous
 * user in system:unauthenticated; what nobody could authenticate has no groups. Everything else varies freely.
 */
export function classifyRequests(policies: readonly Policy[], verdictOf: VerdictOf, maxParts: number): Classification {
  const judged: JudgedRequests[] = [];
  for (const kind of ['resource', 'path'] as const) {
    const terms = policies.flatMap(kind === 'resource' ? resourceTerms : pathTerms);
    const built = buildDiagram(kind, terms, policies.length, verdictOf);
    if (built === undefined) return { kind: 'too-large' };
    const { root, atoms } = built;
    for (const [verdict, { hull, isHull, boxCount, boxes }] of regionsOf(root, atoms)) {
      const [first, ...more] = boxes(Math.max(1, maxParts));
      if (first === undefined) continue;
      judged.push({
        verdict,
        requests: classOf(kind, hull, atoms),
        isExact: isHull,
        parts: [first, ...more].map((box) => classOf(kind, box, atoms)),
        partCount: boxCount,
        witness: witnessOf(kind, first, atoms),
      });
    }
  }
  return { kind: 'classified', judged };
}
