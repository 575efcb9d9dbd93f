import { Failure, type FailureCode } from '@k8s-audit/failure';
import { CommanderError } from 'commander';

/** Of libraries that know no command line: what they refuse is the value of an option, or a name that one was made from. */
const WRONG_VALUES: readonly FailureCode[] = [
  'USAGE',
  'CLUSTER_NAME_INVALID',
  'HOST_INVALID',
  'RULE_ID_BASE_INVALID',
  'WEBHOOK_SERVER_INVALID',
];

/** How the process ends after an error: 0 for `--help`, 2 for wrong usage, 1 for everything else. */
export function exitCodeOf(error: unknown): 0 | 1 | 2 {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof Failure && WRONG_VALUES.includes(error.code) ? 2 : 1;
}
