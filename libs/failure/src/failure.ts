import type { FailureCode } from './codes.ts';

/**
 * Thrown when the work cannot go on and somebody must act: `message` says what happened, `hint` what to do next,
 * `code` is the name that the documentation and the tests use.
 *
 * An outcome that the caller is expected to handle (an event that does not fit, a rule that does not match) is no
 * failure: return a value of a union type with `kind` instead.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly hint: string;

  constructor(code: FailureCode, message: string, options: { readonly hint: string; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** What a command prints: two lines and no stack for a `Failure`, the message of anything else. */
export function explainFailure(error: unknown): string {
  if (error instanceof Failure) return `${error.code}: ${error.message}\n  try: ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
