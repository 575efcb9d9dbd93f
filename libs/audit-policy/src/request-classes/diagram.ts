import { compareText } from '../go-text/compare.ts';
import { withImpliedGroups } from '../request-info/groups.ts';
import { ANONYMOUS, atomsOf, NOBODY } from './atoms.ts';
import { type Axis, PATH_AXES, RESOURCE_AXES, type Term } from './term.ts';

/**
 * A decision diagram over requests: each node asks for one thing, each edge holds the values that lead to the same
 * answer. Equal parts exist once, so that what differs in nothing is one edge, and what says nothing is no node.
 */
export type Diagram =
  | { readonly kind: 'leaf'; readonly id: number; readonly verdict: string | undefined }
  | {
      readonly kind: 'node';
      readonly id: number;
      readonly axis: Axis;
      readonly edges: readonly { readonly atoms: readonly string[]; readonly next: Diagram }[];
    }
  | { readonly kind: 'group'; readonly id: number; readonly group: string; readonly inside: Diagram; readonly outside: Diagram };

/** The rules that decide, one a policy; undefined: none matches. */
export type VerdictOf = (rules: readonly (number | undefined)[]) => string | undefined;

/** So much work and no more: policies that people write need some thousands of steps. */
const MAX_STEPS = 10_000_000;

/** Undefined: policies too tangled for the bound on the work. */
export function buildDiagram(
  kind: 'resource' | 'path',
  terms: readonly Term[],
  policies: number,
  verdictOf: VerdictOf,
): { readonly root: Diagram; readonly atoms: ReadonlyMap<Axis, readonly string[]> } | undefined {
  const axes = kind === 'resource' ? RESOURCE_AXES : PATH_AXES;
  const atoms = new Map(axes.map((axis) => [axis, atomsOf(axis, terms, kind)]));
  const matching = kind === 'path' ? withNestedPaths(terms, atoms.get('path') ?? []) : terms;
  const groups = [...new Set(matching.flatMap((term) => [...(term.groups ?? [])]))].sort(compareText);
  const root = new Builder(axes, atoms, groups, policies, verdictOf).build(matching);
  return root && { root, atoms };
}

/** A prefix holds for every pattern below it: after this, a path is its most specific pattern and nothing else. */
function withNestedPaths(terms: readonly Term[], atoms: readonly string[]): readonly Term[] {
  return terms.map((term) => {
    const own = term.conditions.path;
    if (own === undefined) return term;
    const prefixes = [...own].filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.replace(/\*+$/, ''));
    const path = new Set(atoms.filter((atom) => own.has(atom) || prefixes.some((prefix) => atom.startsWith(prefix))));
    return { ...term, conditions: { ...term.conditions, path } };
  });
}

interface Alive {
  readonly term: Term;
  readonly index: number;
  /** Not yet known to be in one of the term's groups. */
  readonly pending: boolean;
}

class TooLarge extends Error {}

class Builder {
  readonly #axes: readonly Axis[];
  readonly #atoms: ReadonlyMap<Axis, readonly string[]>;
  readonly #groups: readonly string[];
  readonly #groupIndex: ReadonlyMap<string, number>;
  readonly #policies: number;
  readonly #verdictOf: VerdictOf;
  readonly #known = new Map<string, Diagram>();
  readonly #unique = new Map<string, Diagram>();
  #steps = 0;

  constructor(
    axes: readonly Axis[],
    atoms: ReadonlyMap<Axis, readonly string[]>,
    groups: readonly string[],
    policies: number,
    verdictOf: VerdictOf,
  ) {
    this.#axes = axes;
    this.#atoms = atoms;
    this.#groups = groups;
    this.#groupIndex = new Map(groups.map((group, index) => [group, index]));
    this.#policies = policies;
    this.#verdictOf = verdictOf;
  }

  build(terms: readonly Term[]): Diagram | undefined {
    try {
      return this.#atAxis(
        0,
        terms.map((term, index) => ({ term, index, pending: term.groups !== undefined })),
        'any',
      );
    } catch (error) {
      if (error instanceof TooLarge) return undefined;
      throw error;
    }
  }

  #atAxis(position: number, candidates: readonly Alive[], names: Names): Diagram {
    const alive = this.#withoutDominated(candidates, position);
    const axis = this.#axes[position];
    if (axis === undefined) return this.#atGroup(0, alive);
    return this.#once(`${position} ${names} ${keyOf(alive)}`, () => {
      const edges = new Map<Diagram, string[]>();
      const asksForNames = alive.some(({ term }) => term.conditions.name !== undefined);
      for (const [atoms, rest] of this.#split(axis, alive)) {
        const possible = axis === 'name' ? atoms.filter((atom) => isNamePossible(atom, names)) : atoms;
        for (const [next, nextNames] of partition(possible, (atom) => (axis === 'verb' && asksForNames ? namesOf(atom) : names))) {
          const diagram = this.#atAxis(position + 1, rest, nextNames);
          edges.set(diagram, (edges.get(diagram) ?? []).concat(next));
        }
      }
      return this.#node(axis, edges);
    });
  }

  /** Values of an axis with the terms that are left of them; those that no term names go together. */
  #split(axis: Axis, alive: readonly Alive[]): readonly (readonly [readonly string[], readonly Alive[]])[] {
    const atoms = this.#atoms.get(axis) ?? [];
    const named = new Set(alive.flatMap(({ term }) => [...(term.conditions[axis] ?? [])]));
    this.#count(named.size + alive.length);
    // Users that are alike for `users` may differ in the groups that their name brings along.
    const standAlone = axis === 'user' && alive.some(({ pending }) => pending);
    const alone = atoms.filter((atom) => standAlone || named.has(atom));
    const together = atoms.filter((atom) => !standAlone && !named.has(atom));
    const pieces = alone.map((atom): readonly [readonly string[], readonly Alive[]] => {
      this.#count(alive.length);
      const rest = alive.filter(({ term }) => term.conditions[axis]?.has(atom) ?? true);
      return [[atom], axis === 'user' ? settleGroups(atom, rest) : rest];
    });
    if (together.length === 0) return pieces;
    return [...pieces, [together, alive.filter(({ term }) => term.conditions[axis] === undefined)]];
  }

  #atGroup(from: number, candidates: readonly Alive[]): Diagram {
    const alive = this.#withoutDominated(candidates, this.#axes.length);
    const open = alive.filter(({ pending }) => pending);
    const next = Math.min(...open.flatMap(({ term }) => this.#indexesFrom(from, term)));
    const group = this.#groups[next];
    if (group === undefined) return this.#leaf(alive.filter(({ pending }) => !pending));
    return this.#once(`groups ${next} ${keyOf(alive)}`, () => {
      const inside = this.#atGroup(
        next + 1,
        alive.map((one) => (one.pending && one.term.groups?.has(group) ? { ...one, pending: false } : one)),
      );
      const outside = this.#atGroup(
        next + 1,
        alive.filter(({ pending, term }) => !pending || this.#indexesFrom(next + 1, term).length > 0),
      );
      return inside === outside
        ? inside
        : this.#unify(`group ${group} ${inside.id} ${outside.id}`, (id) => ({ kind: 'group', id, group, inside, outside }));
    });
  }

  /** Positions of the term's groups that have not been asked for; the two that say how somebody was authenticated never are. */
  #indexesFrom(from: number, { groups }: Term): readonly number[] {
    return [...(groups ?? [])]
      .filter((group) => !IMPLIED.has(group))
      .map((group) => this.#groupIndex.get(group) ?? -1)
      .filter((index) => index >= from);
  }

  /** A term that asks for nothing more decides over all of its policy's rules behind it. */
  #withoutDominated(alive: readonly Alive[], position: number): readonly Alive[] {
    this.#count(alive.length);
    const last = new Map<number, Alive>();
    for (const one of alive) {
      const best = last.get(one.term.policy);
      if (!one.pending && (best === undefined || one.term.rule < best.term.rule) && this.#asksNothingFrom(position, one.term))
        last.set(one.term.policy, one);
    }
    if (last.size === 0) return alive;
    return alive.filter((one) => {
      const best = last.get(one.term.policy);
      return best === undefined || one === best || one.term.rule < best.term.rule;
    });
  }

  #asksNothingFrom(position: number, { conditions }: Term): boolean {
    for (let index = position; index < this.#axes.length; index++) if (conditions[this.#axes[index] as Axis] !== undefined) return false;
    return true;
  }

  #leaf(alive: readonly Alive[]): Diagram {
    const rules = Array.from({ length: this.#policies }, (_, policy) => {
      const own = alive.filter(({ term }) => term.policy === policy).map(({ term }) => term.rule);
      return own.length === 0 ? undefined : own.reduce((a, b) => Math.min(a, b));
    });
    const verdict = this.#verdictOf(rules);
    return this.#unify(`leaf ${verdict ?? '\0'}`, (id) => ({ kind: 'leaf', id, verdict }));
  }

  #node(axis: Axis, edges: ReadonlyMap<Diagram, readonly string[]>): Diagram {
    const [first, ...more] = edges.keys();
    // No value is possible here: such a request does not exist.
    if (first === undefined) return this.#unify('leaf \0', (id) => ({ kind: 'leaf', id, verdict: undefined }));
    if (more.length === 0) return first;
    const order = this.#atoms.get(axis) ?? [];
    const sorted = [...edges].map(([next, atoms]) => ({ atoms: inOrder(order, new Set(atoms)), next }));
    return this.#unify(
      `node ${axis} ${sorted
        .map(({ atoms, next }) => `${next.id}:${JSON.stringify(atoms)}`)
        .sort(compareText)
        .join(' ')}`,
      (id) => ({
        kind: 'node',
        id,
        axis,
        edges: sorted,
      }),
    );
  }

  #once(key: string, make: () => Diagram): Diagram {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }

  #unify(key: string, make: (id: number) => Diagram): Diagram {
    const known = this.#unique.get(key);
    if (known !== undefined) return known;
    const made = make(this.#unique.size);
    this.#unique.set(key, made);
    return made;
  }

  #count(steps: number): void {
    this.#steps += steps + 1;
    if (this.#steps > MAX_STEPS) throw new TooLarge();
  }
}

/** Say how somebody was authenticated, and follow from the name. */
export const IMPLIED: ReadonlySet<string> = new Set(['system:authenticated', 'system:unauthenticated']);

/** What a user's name says of the groups: those that it brings are certain, nobody has none, the anonymous user one. */
function settleGroups(user: string, alive: readonly Alive[]): readonly Alive[] {
  if (user === NOBODY) return alive.filter(({ pending }) => !pending);
  const certain = withImpliedGroups(user, []);
  return alive.flatMap((one) => {
    if (!one.pending) return [one];
    if (certain.some((group) => one.term.groups?.has(group))) return [{ ...one, pending: false }];
    const mayBeIn = user !== ANONYMOUS && [...(one.term.groups ?? [])].some((group) => !IMPLIED.has(group));
    return mayBeIn ? [one] : [];
  });
}

/** Whether a request with this verb has a name: without one a get is a list, and a delete a deletecollection. */
type Names = 'any' | 'some' | 'none';

function namesOf(verb: string): Names {
  if (verb === 'get' || verb === 'delete') return 'some';
  return verb === 'deletecollection' ? 'none' : 'any';
}

function isNamePossible(name: string, names: Names): boolean {
  return names === 'any' || (name === '') === (names === 'none');
}

function partition<Value, Key>(values: readonly Value[], keyOfValue: (value: Value) => Key): readonly (readonly [readonly Value[], Key])[] {
  const parts = new Map<Key, Value[]>();
  for (const value of values) {
    const key = keyOfValue(value);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [value]);
    else part.push(value);
  }
  return [...parts].map(([key, part]) => [part, key]);
}

function inOrder(order: readonly string[], atoms: ReadonlySet<string>): readonly string[] {
  return order.filter((atom) => atoms.has(atom));
}

function keyOf(alive: readonly Alive[]): string {
  return alive.map(({ index, pending }) => (pending ? `${index}?` : index)).join();
}
