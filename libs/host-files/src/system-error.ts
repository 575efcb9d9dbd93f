/** An error of the operating system; anything else (a `Failure`, a bug) goes on as it is. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number';
}
