/** What a rendered policy says about itself in YAML comments. May hold several lines. */
export interface PolicyComments {
  /** Stands above the document. */
  readonly header?: string;
  /** Stands above the rule of the same index. */
  readonly rules?: readonly (string | undefined)[];
}

/** A comment's lines at an indentation; anything that YAML takes for a line break ends a line, other control characters go. */
export function renderComment(text: string | undefined, indent: string): string[] {
  if (text === undefined || text === '') return [];
  return text.split(/\r\n|[\n\r\u0085\u2028\u2029]/).map((line) => `${indent}# ${line.replace(UNPRINTABLE, ' ')}`.trimEnd());
}

const UNPRINTABLE = /[\p{Cc}\p{Cs}\ufeff\ufffe\uffff]/gu;
