/**
 * Every failure code and what it means. One line a code, sorted; docs/reference/failures.md is generated from here,
 * and a test holds that each code is thrown somewhere and each thrown code stands here.
 */
export const CODES = {
  USAGE: 'The command line is not what the command takes.',
} as const satisfies Record<string, string>;

export type FailureCode = keyof typeof CODES;
