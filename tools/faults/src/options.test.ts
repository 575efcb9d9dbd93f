import { describe, expect, it } from 'vitest';
import type { MatrixRow } from './fault-row.ts';
import { parseOptions } from './options.ts';

const run = async (): Promise<void> => undefined;
const ROWS: readonly MatrixRow[] = [
  { id: '1', fault: 'one', injection: '', isFast: true, run },
  { id: '2', fault: 'two', injection: '', run },
  { id: '22', fault: 'elsewhere', notRun: 'another' },
];
const idsOf = (...args: string[]): readonly string[] => {
  const options = parseOptions(args, ROWS);
  return options.kind === 'run' ? options.rows.map(({ id }) => id) : [];
};

describe('parseOptions', () => {
  it('runs every row, so that what does not run is told', () => expect(idsOf()).toEqual(['1', '2', '22']));
  it('takes the fast subset', () => expect(idsOf('--fast')).toEqual(['1']));
  it('takes rows by name, in the order of the matrix', () => expect(idsOf('--row', '22, 1')).toEqual(['1', '22']));
  it.each([
    [['--row', '3'], 'there is no row 3'],
    [['--write', '--fast'], 'full runs'],
    [['--seed', 'x'], 'whole number'],
    [['--unknown'], '--unknown'],
  ])('refuses %j', (args, part) => expect(() => parseOptions(args, ROWS)).toThrow(part));
});
