import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { CHECKS } from './checks.ts';

const root = resolve(import.meta.dirname, '../../..');
const failed: string[] = [];
for (const { name, command, mend } of CHECKS) {
  const startedAt = performance.now();
  const [program, ...args] = command as [string, ...string[]];
  const run = spawnSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (run.status === 0) {
    console.log(`ok      ${name} (${seconds} s)`);
    continue;
  }
  failed.push(name);
  console.log(
    `FAILED  ${name} (${seconds} s)\n${run.error?.message ?? `${run.stdout}${run.stderr}`.trimEnd()}\n        mend it with: ${mend}`,
  );
}
console.log(`\n${CHECKS.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
