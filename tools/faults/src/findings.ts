/** The invariants of the matrix; `own` is the row's own criterion. */
export type Criterion = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'own';

export const INVARIANTS: Readonly<Record<Exclude<Criterion, 'own'>, string>> = {
  I1: 'no acknowledged event is lost',
  I2: 'received = delivered + duplicate + filtered + quarantined + spooled, and the spool counts the same',
  I3: 'what arrives is what was issued, by hash, and nothing arrives that was not issued',
  I4: 'after the fault a fresh event arrives within 5 s',
  I5: 'resident memory stays below the stated cap',
  I6: 'a metric and a log line name the fault',
};

export interface Check {
  readonly criterion: Criterion;
  /** What must hold, as a sentence. */
  readonly claim: string;
  readonly isHeld: boolean;
  /** What was measured. */
  readonly seen: string;
}

/** What one row found. */
export class Findings {
  readonly checks: Check[] = [];
  readonly figures: Record<string, string> = {};

  check(criterion: Criterion, claim: string, isHeld: boolean, seen: string | number): void {
    this.checks.push({ criterion, claim, isHeld, seen: String(seen) });
  }

  /** A figure for the page: name with its unit, value. */
  figure(name: string, value: string | number): void {
    this.figures[name] = String(value);
  }

  /** What several lanes of one row found, as one: a claim holds when it holds in each. */
  merge(lanes: readonly Findings[]): void {
    const first = lanes[0]?.checks ?? [];
    for (const { criterion, claim } of first) {
      const same = lanes.flatMap((lane) => lane.checks.filter((each) => each.criterion === criterion && each.claim === claim));
      const isHeld = same.length === lanes.length && same.every((each) => each.isHeld);
      this.check(criterion, claim, isHeld, same.map(({ seen }) => seen).join(' · '));
    }
  }
}
