import { parseArgs } from 'node:util';
import { Failure } from '@k8s-audit/failure';
import { isAbsent, type MatrixRow } from './fault-row.ts';

export const USAGE = `Usage: npm run faults -- [options]

Runs the fault matrix: the real receiver, as a process, under faults; an oracle checks what it promised.

  --row N[,M…]   only these rows (1 to 31, A1 to A3)
  --fast         the subset that CI runs, with fewer repetitions (about two minutes)
  --json FILE    write the result as JSON
  --write        keep the results, row by row, for docs/reference/reliability.md, and write that page
  --seed N       chances of an earlier run again
  --keep         leave the rows' files behind
  --list         name the rows

Examples:
  npm run faults
  npm run faults -- --row 1,3 --json faults.json
  npm run faults -- --fast

Exit codes: 0 every row that ran passed, 1 one failed, 2 wrong usage.`;

export interface RunOptions {
  readonly kind: 'run';
  readonly rows: readonly MatrixRow[];
  readonly isFast: boolean;
  readonly jsonFile: string | undefined;
  readonly write: boolean;
  readonly seed: number;
  readonly keep: boolean;
  /** The arguments that decide what was measured, for the page. */
  readonly shown: readonly string[];
}

export type Options = RunOptions | { readonly kind: 'help' } | { readonly kind: 'list' };

/** @throws {Failure} USAGE */
export function parseOptions(args: readonly string[], rows: readonly MatrixRow[]): Options {
  const values = parseValues(args);
  if (values.help) return { kind: 'help' };
  if (values.list) return { kind: 'list' };
  const seed = values.seed === undefined ? Date.now() % 0x7fff_ffff : Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0) throw usage(`--seed takes a whole number, not ${values.seed}`);
  if (values.write && values.fast) throw usage('--write keeps full runs of rows: without --fast');
  return {
    kind: 'run',
    rows: chooseRows(rows, values.row, values.fast),
    isFast: values.fast,
    jsonFile: values.json,
    write: values.write,
    seed,
    keep: values.keep,
    shown: [...(values.row === undefined ? [] : ['--row', values.row]), ...(values.fast ? ['--fast'] : [])],
  };
}

function chooseRows(rows: readonly MatrixRow[], wanted: string | undefined, isFast: boolean): readonly MatrixRow[] {
  if (wanted === undefined) return isFast ? rows.filter((row) => !isAbsent(row) && row.isFast === true) : rows;
  const ids = wanted.split(',').map((id) => id.trim().toUpperCase());
  const unknown = ids.filter((id) => !rows.some((row) => row.id === id));
  if (unknown.length > 0) throw usage(`there is no row ${unknown.join(', ')}; --list names them`);
  return rows.filter((row) => ids.includes(row.id));
}

function parseValues(args: readonly string[]): {
  readonly row?: string | undefined;
  readonly fast: boolean;
  readonly json?: string | undefined;
  readonly write: boolean;
  readonly seed?: string | undefined;
  readonly keep: boolean;
  readonly list: boolean;
  readonly help: boolean;
} {
  const flag = { type: 'boolean', default: false } as const;
  const value = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { row: value, fast: flag, json: value, write: flag, seed: value, keep: flag, list: flag, help: { ...flag, short: 'h' } },
    }).values;
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function usage(message: string): Failure {
  return new Failure('USAGE', message, { hint: 'npm run faults -- --help' });
}
