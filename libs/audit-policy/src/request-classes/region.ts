import { withImpliedGroups } from '../request-info/groups.ts';
import { NOBODY, OTHER } from './atoms.ts';
import { type Diagram, IMPLIED } from './diagram.ts';
import type { Axis } from './term.ts';

/** Every combination of some values: an axis that is not here may have any. */
export interface Box {
  readonly atoms: ReadonlyMap<Axis, readonly string[]>;
  /** The user is in all of these and in none of those. */
  readonly inGroups: readonly string[];
  readonly notInGroups: readonly string[];
  /** The user is in at least one of these; absent: nothing is known. */
  readonly inSomeOf?: readonly string[];
}

/** All requests of one verdict. */
export interface Region {
  /** The smallest box around it. */
  readonly hull: Box;
  /** Nothing in the hull has another verdict. When it is not certain this says false. */
  readonly isHull: boolean;
  /** How many boxes it takes to say it exactly. */
  readonly boxCount: number;
  /** They are disjoint. At most `limit` of them, in the order of the diagram. */
  readonly boxes: (limit: number) => readonly Box[];
}

/** The regions of a diagram by verdict. Walks each part of the diagram once, whatever the number of boxes. */
export function regionsOf(root: Diagram, all: ReadonlyMap<Axis, readonly string[]>): ReadonlyMap<string, Region> {
  const summaries = new Summaries(all);
  return new Map(
    [...summaries.of(root)].map(([verdict, { atoms, inGroups, notInGroups, inSomeOf, share, boxCount }]) => {
      const hull: Box = {
        atoms: new Map([...atoms].map(([axis, values]) => [axis, (all.get(axis) ?? []).filter((atom) => values.has(atom))])),
        inGroups: [...inGroups],
        notInGroups: [...notInGroups],
        ...(inSomeOf !== undefined && inGroups.size === 0 && { inSomeOf: [...inSomeOf] }),
      };
      const region: Region = {
        hull,
        isHull: Math.abs(share / shareOf(hull, all) - 1) < 1e-9,
        boxCount,
        boxes: (limit) => boxesOf(root, limit, (diagram) => summaries.of(diagram).has(verdict)),
      };
      return [verdict, region];
    }),
  );
}

/** What is known of the requests of one verdict below some part of the diagram. */
interface Summary {
  readonly atoms: ReadonlyMap<Axis, ReadonlySet<string>>;
  readonly inGroups: ReadonlySet<string>;
  readonly notInGroups: ReadonlySet<string>;
  readonly inSomeOf: ReadonlySet<string> | undefined;
  /** Share of all combinations of values, a group being half of them. */
  readonly share: number;
  readonly boxCount: number;
}

class Summaries {
  readonly #all: ReadonlyMap<Axis, readonly string[]>;
  readonly #known = new Map<Diagram, ReadonlyMap<string, Summary>>();

  constructor(all: ReadonlyMap<Axis, readonly string[]>) {
    this.#all = all;
  }

  of(diagram: Diagram): ReadonlyMap<string, Summary> {
    const known = this.#known.get(diagram);
    if (known !== undefined) return known;
    const made = new Map<string, Summary>();
    const add = (verdict: string, summary: Summary): void => {
      const before = made.get(verdict);
      made.set(verdict, before === undefined ? summary : union(before, summary));
    };
    if (diagram.kind === 'leaf') {
      if (diagram.verdict !== undefined)
        add(diagram.verdict, { atoms: new Map(), inGroups: new Set(), notInGroups: new Set(), inSomeOf: undefined, share: 1, boxCount: 1 });
    } else if (diagram.kind === 'group') {
      for (const [verdict, below] of this.of(diagram.inside))
        add(verdict, {
          ...below,
          inGroups: new Set([diagram.group, ...below.inGroups]),
          inSomeOf: new Set([diagram.group]),
          share: below.share / 2,
        });
      for (const [verdict, below] of this.of(diagram.outside))
        add(verdict, { ...below, notInGroups: new Set([diagram.group, ...below.notInGroups]), share: below.share / 2 });
    } else {
      const size = this.#all.get(diagram.axis)?.length ?? 1;
      for (const { atoms, next } of diagram.edges)
        for (const [verdict, below] of this.of(next))
          add(verdict, {
            ...below,
            atoms: new Map([[diagram.axis, new Set(atoms)], ...below.atoms]),
            inSomeOf: below.inSomeOf ?? (diagram.axis === 'user' ? groupsBroughtBy(atoms) : undefined),
            share: (below.share * atoms.length) / size,
          });
    }
    this.#known.set(diagram, made);
    return made;
  }
}

/** An axis on which one of the two may have any value has none to name. */
function union(a: Summary, b: Summary): Summary {
  const atoms = new Map<Axis, ReadonlySet<string>>();
  for (const [axis, values] of a.atoms) {
    const others = b.atoms.get(axis);
    if (others !== undefined) atoms.set(axis, new Set([...values, ...others]));
  }
  return {
    atoms,
    inGroups: common(a.inGroups, b.inGroups),
    notInGroups: common(a.notInGroups, b.notInGroups),
    inSomeOf: a.inSomeOf && b.inSomeOf && new Set([...a.inSomeOf, ...b.inSomeOf]),
    share: a.share + b.share,
    boxCount: a.boxCount + b.boxCount,
  };
}

/** Of users who are named, and each of whom is in a group by name. */
function groupsBroughtBy(users: readonly string[]): ReadonlySet<string> | undefined {
  const brought = users.map((user) =>
    user === OTHER || user === NOBODY ? [] : withImpliedGroups(user, []).filter((group) => !IMPLIED.has(group)),
  );
  return brought.some((groups) => groups.length === 0) ? undefined : new Set(brought.flat());
}

function common(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((value) => b.has(value)));
}

function shareOf({ atoms, inGroups, notInGroups }: Box, all: ReadonlyMap<Axis, readonly string[]>): number {
  let share = 0.5 ** (inGroups.length + notInGroups.length);
  for (const [axis, values] of atoms) share *= values.length / (all.get(axis)?.length ?? 1);
  return share;
}

function boxesOf(root: Diagram, limit: number, leadsThere: (diagram: Diagram) => boolean): readonly Box[] {
  const boxes: Box[] = [];
  const visit = (diagram: Diagram, box: Box): void => {
    if (boxes.length >= limit || !leadsThere(diagram)) return;
    if (diagram.kind === 'leaf') boxes.push(box);
    else if (diagram.kind === 'node')
      for (const { atoms, next } of diagram.edges) visit(next, { ...box, atoms: new Map([...box.atoms, [diagram.axis, atoms]]) });
    else {
      visit(diagram.inside, { ...box, inGroups: [...box.inGroups, diagram.group] });
      visit(diagram.outside, { ...box, notInGroups: [...box.notInGroups, diagram.group] });
    }
  };
  visit(root, { atoms: new Map(), inGroups: [], notInGroups: [] });
  return boxes;
}
