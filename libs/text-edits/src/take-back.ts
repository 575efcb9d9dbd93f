import { type LineChange, lineChanges, linesOf } from './line-changes.ts';

export type TakenBack =
  /** Nothing else has changed since: the bytes from before. */
  | { readonly kind: 'as-before'; readonly text: string }
  /** Others have changed it since: only our own lines are taken back. */
  | { readonly kind: 'own-lines'; readonly text: string; readonly takenBack: readonly LineChange[]; readonly kept: readonly LineChange[] };

/**
 * Takes an edit back out of a text that others may have edited since.
 *
 * @param before the text as it was
 * @param after the text as we left it
 * @param current the text as it is now
 * @returns `kept` names our changes that somebody has changed again: they stay as they are now, for a person to decide
 */
export function takeBack(before: string, after: string, current: string): TakenBack {
  if (current === after) return { kind: 'as-before', text: before };
  const lines = linesOf(current);
  const placeOf = placesOf(after, current);
  const [takenBack, kept]: [LineChange[], LineChange[]] = [[], []];
  // From the end: what is replaced does not move what is still to be replaced.
  for (const change of lineChanges(before, after).reverse()) {
    const start = placeOf(change.newStart, change.newLines.length);
    if (start === undefined) {
      kept.unshift(change);
      continue;
    }
    lines.splice(start, change.newLines.length, ...change.oldLines);
    takenBack.unshift(change);
  }
  return { kind: 'own-lines', text: lines.join(''), takenBack, kept };
}

/** Where lines of one text stand, unchanged and together, in another; undefined where they do not. */
function placesOf(from: string, to: string): (start: number, count: number) => number | undefined {
  const places = new Map<number, number>();
  const total = linesOf(from).length;
  let [at, place] = [0, 0];
  for (const change of [...lineChanges(from, to), undefined]) {
    for (const end = change?.oldStart ?? total; at < end; ) places.set(at++, place++);
    at += change?.oldLines.length ?? 0;
    place += change?.newLines.length ?? 0;
  }
  return (start, count) => {
    // Lines that we only removed go back between the lines around them, when these are still there.
    if (count === 0) return places.get(start) ?? (start === 0 ? 0 : next(places.get(start - 1)));
    const first = places.get(start);
    for (let i = 1; i < count; i++) if (first === undefined || places.get(start + i) !== first + i) return undefined;
    return first;
  };
}

function next(place: number | undefined): number | undefined {
  return place === undefined ? undefined : place + 1;
}
