/**
 * Thrown inside the pattern compiler only, and caught by `compilePcre2`: recursive descent would otherwise hand every refusal
 * through twenty returns.
 */
export class PatternRefusal extends Error {
  readonly kind: 'invalid' | 'unsupported';
  readonly offset: number;

  constructor(kind: 'invalid' | 'unsupported', message: string, offset: number) {
    super(message);
    this.kind = kind;
    this.offset = offset;
  }
}

/** PCRE2 refuses it as well; the words are PCRE2's where they say enough. */
export function invalid(message: string, offset: number): never {
  throw new PatternRefusal('invalid', message, offset);
}
