/** What one benchmark hands back: a text for people, and figures for whoever compares them. */
export interface BenchResult {
  readonly text: string;
  /** Figures by name, the ratios to the baseline of the same run among them. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** An SVG of them, where a bench draws one. */
  readonly plot?: string;
}

/** Runs a benchmark. `rounds` is how often each side is measured; the sides take turns, so that a busy moment hits both. */
export type Bench = (options: BenchOptions) => Promise<BenchResult>;

export interface BenchOptions {
  readonly rounds: number;
  /** Whether it works at all, in seconds; its figures mean little. */
  readonly isSmoke: boolean;
  /** How long one figure is measured, where a bench leaves that open. */
  readonly seconds: number | undefined;
  /** For a person who waits. */
  readonly onProgress: (line: string) => void;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
