/** A place in a YAML text: line and column count from 0, index and column in characters. */
export interface Mark {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

export const START: Mark = { index: 0, line: 0, column: 0 };

/**
 * A text that go-yaml does not take, with the message that it gives (`line 37: did not find expected key`).
 * Thrown inside this folder and turned into a returned outcome at its edge.
 */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  /** Where it really is; the message of go-yaml may be a line off. */
  readonly mark: Mark | undefined;

  constructor(message: string, mark?: Mark) {
    super(message);
    this.mark = mark;
  }
}

/** A problem of the scanner. The mark is where it stood; go-yaml names the line counted from 1. */
export function scannerError(problem: string, mark: Mark): YamlError {
  return yamlError(problem, mark.line === 0 ? 0 : mark.line + 1, mark);
}

/** A problem of the parser. go-yaml forgets to count from 1 here, and so do we. */
export function parserError(problem: string, mark: Mark): YamlError {
  return yamlError(problem, mark.line, mark);
}

/** go-yaml cannot tell the first line from no line. */
function yamlError(problem: string, line: number, mark: Mark): YamlError {
  return new YamlError(line === 0 ? problem : `line ${line}: ${problem}`, mark);
}
