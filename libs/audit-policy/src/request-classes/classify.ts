import type { Policy } from '../model.ts';
import { buildDiagram, type VerdictOf } from './diagram.ts';
import { boxesOf, classOf, countBoxes, type RequestClass, verdictsIn } from './request-class.ts';
import { pathTerms, resourceTerms } from './term.ts';
import { type Witness, witnessOf } from './witness.ts';

export interface JudgedClass {
  readonly requests: RequestClass;
  readonly verdict: string;
  readonly witness: Witness;
}

export type Classification =
  | {
      readonly kind: 'classified';
      /** Disjoint; together they hold every request that has a verdict, unless there are more than were asked for. */
      readonly classes: readonly JudgedClass[];
      /** How many classes there are. */
      readonly count: number;
      /** All verdicts, also of classes that are not listed. */
      readonly verdicts: ReadonlySet<string>;
    }
  /** The policies name so many things together that the classes cannot be worked out within the bound. */
  | { readonly kind: 'too-large' };

/**
 * Sorts all requests that there can be by what several policies make of them: `verdictOf` is given the index of the
 * rule that decides in each, and requests for which it gives the same text are put together as far as they can be.
 *
 * Exact over these requests: verbs are those of requestinfo.go, a get and a delete have a name and a deletecollection
 * has none; users are in the groups that their name brings (withImpliedGroups) and perhaps in others, only the anonymous
 * user in system:unauthenticated; what nobody could authenticate has no groups. Everything else varies freely.
 */
export function classifyRequests(policies: readonly Policy[], verdictOf: VerdictOf, limit: number): Classification {
  const classes: JudgedClass[] = [];
  const verdicts = new Set<string>();
  let count = 0;
  for (const kind of ['resource', 'path'] as const) {
    const terms = policies.flatMap(kind === 'resource' ? resourceTerms : pathTerms);
    const built = buildDiagram(kind, terms, policies.length, verdictOf);
    if (built === undefined) return { kind: 'too-large' };
    const { root, atoms } = built;
    count += countBoxes(root);
    for (const verdict of verdictsIn(root)) verdicts.add(verdict);
    for (const box of boxesOf(root, limit - classes.length))
      classes.push({ requests: classOf(kind, box, atoms), verdict: box.verdict, witness: witnessOf(kind, box, atoms) });
  }
  return { kind: 'classified', classes, count, verdicts };
}
