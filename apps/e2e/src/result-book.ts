import { explainFailure } from '@k8s-audit/failure';
import type { StepResult } from './report.ts';

/** Runs steps and writes down what came of them. Nothing is skipped: a step behind a failed one of its scenario counts as failed. */
export class ResultBook {
  readonly results: StepResult[] = [];
  /** Scenarios of which a step has failed. */
  readonly #broken = new Set<string>();
  readonly #run: string;
  readonly #onResult: (result: StepResult) => void;

  constructor(run: string, onResult: (result: StepResult) => void) {
    this.#run = run;
    this.#onResult = onResult;
  }

  async attemptAll(scenario: string, steps: readonly { readonly title: string; run(): Promise<void> }[]): Promise<void> {
    for (const { title, run } of steps) {
      if (this.#broken.has(scenario)) this.#note({ scenario, step: title, outcome: 'failed', durationMs: 0, message: 'not reached' });
      else await this.attempt(scenario, title, run);
    }
  }

  /** The same for steps that do not build on each other: one that fails hides nothing that the others would say. */
  async attemptEach(scenario: string, steps: readonly { readonly title: string; run(): Promise<void> }[]): Promise<void> {
    if (this.#broken.has(scenario)) return this.attemptAll(scenario, steps);
    for (const { title, run } of steps) await this.attempt(scenario, title, run);
  }

  async attempt<T>(scenario: string, step: string, work: () => Promise<T>): Promise<T | undefined> {
    const startedMs = performance.now();
    try {
      const value = await work();
      this.#note({ scenario, step, outcome: 'passed', durationMs: performance.now() - startedMs });
      return value;
    } catch (error) {
      this.#broken.add(scenario);
      this.#note({ scenario, step, outcome: 'failed', durationMs: performance.now() - startedMs, message: explainFailure(error) });
      return undefined;
    }
  }

  #note(result: Omit<StepResult, 'run'>): void {
    const noted = { run: this.#run, ...result };
    this.results.push(noted);
    this.#onResult(noted);
  }
}
