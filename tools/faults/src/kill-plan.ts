import { pick } from './random.ts';
import type { Moment, Point } from './shim/fault-layer.ts';

/** Where on an event's way a kill lands. */
export const PHASES = ['append', 'acknowledgement', 'send', 'cursor write', 'elsewhere'] as const;
export type Phase = (typeof PHASES)[number];

export type Aim =
  | { readonly kind: 'point'; readonly point: Point; readonly moment: Moment; readonly nth: number }
  /** From outside, so many milliseconds after the first answer. */
  | { readonly kind: 'instant'; readonly afterMs: number };

/** Of the way that every event takes. After a segment's sync and before the answer is the acknowledgement's. */
const MAIN: readonly (readonly [Point, Moment])[] = [
  ['segment-write', 'before'],
  ['segment-write', 'middle'],
  ['segment-write', 'after'],
  ['segment-datasync', 'before'],
  ['segment-datasync', 'middle'],
  ['segment-datasync', 'after'],
  ['answer-write', 'before'],
  ['answer-write', 'middle'],
  ['answer-write', 'after'],
  ['datagram-send', 'before'],
  ['datagram-send', 'middle'],
  ['datagram-send', 'after'],
  ['cursor-write', 'before'],
  ['cursor-write', 'middle'],
  ['cursor-write', 'after'],
  ['cursor-datasync', 'before'],
  ['cursor-datasync', 'after'],
];

/** Beside the way: bodies half read, the next file being made, delivered files being removed. */
const ASIDE: readonly (readonly [Point, Moment])[] = [
  ['body-read', 'after'],
  ['spare-open', 'after'],
  ['spare-write', 'middle'],
  ['spare-datasync', 'before'],
  ['spare-datasync', 'after'],
  ['spare-rename', 'before'],
  ['spare-rename', 'after'],
  ['folder-sync', 'before'],
  ['folder-sync', 'after'],
  ['segment-truncate', 'before'],
  ['segment-truncate', 'after'],
  ['segment-unlink', 'before'],
  ['segment-unlink', 'after'],
];

/** Each named point of rsyslog's and Vector's lists and more, each once. */
export function everyPoint(): readonly Aim[] {
  return [...MAIN, ...ASIDE].map(([point, moment]) => ({ kind: 'point', point, moment, nth: 1 }));
}

/** Nineteen of twenty on the main way, at a point, moment and repetition by chance; the rest at any instant. */
export function randomAim(random: () => number): Aim {
  if (random() < 0.05) return { kind: 'instant', afterMs: Math.floor(random() * 300) };
  const [point, moment] = pick(MAIN, random);
  // The cursor is synced five times a second at most; the others come with every list.
  const nth = point === 'cursor-datasync' ? 1 : 1 + Math.floor(random() * 12);
  return { kind: 'point', point, moment, nth };
}

/** @param point where the process died by its aim; else `inProgress` says in the midst of what it was */
export function phaseOf(aim: Aim, hasHit: boolean, inProgress: readonly Point[]): Phase {
  const points = hasHit && aim.kind === 'point' ? [aim.point] : inProgress;
  const isAfterSync = hasHit && aim.kind === 'point' && aim.point === 'segment-datasync' && aim.moment === 'after';
  if (isAfterSync || points.includes('answer-write')) return 'acknowledgement';
  if (points.some((each) => each === 'segment-write' || each === 'segment-datasync')) return 'append';
  if (points.includes('datagram-send')) return 'send';
  if (points.some((each) => each === 'cursor-write' || each === 'cursor-datasync')) return 'cursor write';
  return 'elsewhere';
}
