/** A computation that asks for the result of another by yielding it. */
export type Step<Result> = Generator<Step<unknown>, Result, unknown>;

/**
 * Runs a recursive computation with its stack on the heap.
 *
 * How deep a document nests is up to who wrote it; Go's stack takes 10,000 levels and more, ours does not.
 */
export function run<Result>(root: Step<Result>): Result {
  const stack: Step<unknown>[] = [root];
  let answer: unknown;
  for (;;) {
    const current = stack.at(-1) as Step<unknown>;
    const step = current.next(answer);
    answer = undefined;
    if (!step.done) {
      stack.push(step.value);
      continue;
    }
    stack.pop();
    if (stack.length === 0) return step.value as Result;
    answer = step.value;
  }
}

/** `yield*` this to get the result of a step that may be deep. */
export function* ask<Result>(step: Step<Result>): Step<Result> {
  return (yield step) as Result;
}
