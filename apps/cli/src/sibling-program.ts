import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { RECEIVER_FLAGS } from './receiver-flags.ts';

/** Another program of the product, run as a process: an app never imports an app. */
export type SiblingProgram = 'cli' | 'receiver' | 'testbed';

/** Where a program's entry stands in the source tree, and what it is called beside us in a bundle. */
const PLACES: Readonly<Record<SiblingProgram, { readonly source: string; readonly bundle: string; readonly flags?: readonly string[] }>> = {
  cli: { source: '../../cli/src/main.ts', bundle: 'k8s-audit.cjs' },
  receiver: { source: '../../receiver/src/main.ts', bundle: 'k8s-audit-receiver.cjs', flags: RECEIVER_FLAGS },
  testbed: { source: '../../../tools/testbed/src/main.ts', bundle: 'k8s-audit-testbed.cjs' },
};

/** Program and first arguments to start it with. */
export function siblingProgram(name: SiblingProgram): readonly [program: string, ...args: string[]] {
  const { source, bundle, flags = [] } = PLACES[name];
  for (const file of [join(import.meta.dirname, source), join(import.meta.dirname, bundle)])
    if (existsSync(file)) return [process.execPath, ...flags, file];
  throw new Failure('PROGRAM_MISSING', `the program ${bundle} is not beside this one`, {
    hint: 'install the whole release, or run from the source tree',
  });
}
