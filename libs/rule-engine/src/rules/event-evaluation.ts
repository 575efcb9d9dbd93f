import type { ByteString } from '../byte-string.ts';
import type { EngineEvent } from '../event/engine-event.ts';
import type { Budget, Expression, Outcome } from '../expression/outcome.ts';

/**
 * One event on its way through the rules: what conditions may read, the steps left, and the answers already known. Rules share
 * patterns (`verb` is `^create$`), so an answer is kept by the number of the pattern and what it is applied to.
 */
export class EventEvaluation {
  readonly budget: Budget = { steps: 0 };
  private current: EngineEvent | undefined;
  private answers: Uint32Array = new Uint32Array(0);
  private generation = 0;

  /** `expressions`: how many numbers there are; 0: no answer is kept. */
  constructor(expressions: number) {
    this.answers = new Uint32Array(expressions);
  }

  begin(event: EngineEvent, steps: number): void {
    this.current = event;
    this.budget.steps = steps;
    // Four answers a generation; after 2^30 events the numbers start again.
    if (++this.generation >= 1 << 29) {
      this.generation = 1;
      this.answers.fill(0);
    }
  }

  get event(): EngineEvent {
    if (this.current === undefined) throw new Error('no event has begun');
    return this.current;
  }

  outcomeOf(number: number, expression: Expression, subject: ByteString): Outcome {
    const known = (this.answers[number] ?? 0) - this.generation * 4;
    if (known === MATCH) return 'match';
    if (known === MISS) return 'miss';
    const outcome = expression.match(subject, this.budget);
    if (outcome !== 'undecided' && number < this.answers.length)
      this.answers[number] = this.generation * 4 + (outcome === 'match' ? MATCH : MISS);
    return outcome;
  }
}

const MATCH = 1;
const MISS = 2;
