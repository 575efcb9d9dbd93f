import type { Writable } from 'node:stream';
import type { RuleProblem } from '@k8s-audit/wazuh-rules';

const SHOWN = 5;

/** To stderr: rules that are not what their file says would make every result puzzling. */
export function warnOfProblems(stderr: Writable, problems: readonly RuleProblem[]): void {
  for (const { file, line, column, severity, message } of problems.slice(0, SHOWN))
    stderr.write(
      `${file}:${line}:${column}: ${severity === 'drops-rule' ? 'Wazuh drops the rule' : 'Wazuh changes the rule'}: ${message}\n`,
    );
  if (problems.length > SHOWN) stderr.write(`and ${problems.length - SHOWN} more\n`);
  if (problems.length > 0) stderr.write('`k8s-audit rules check` tells what to do.\n');
}
