import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from './testing/run-command.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const GUIDE = readFileSync(resolve(ROOT, 'docs/guides/audit-policy.md'), 'utf8');

/** A command of the guide and what it says is printed; a line `…` is any number of lines. */
const EXAMPLES = [...GUIDE.matchAll(/```sh\nk8s-audit (.*)\n```\n```text\n([\s\S]*?)```/g)].map(
  ([, command = '', output = '']) => [command, output] as const,
);

/** As a shell splits it: the guide quotes with double quotes only. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function patternOf(output: string): RegExp {
  const lines = output.split('\n').slice(0, -1);
  const escaped = lines.map((line) => (line === '…' ? '(?:.*\\n)*?' : `${line.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)} *\n`));
  return new RegExp(`^${escaped.join('')}$`);
}

describe('the guide on audit policies', () => {
  it('has an output below every command', () => {
    expect(EXAMPLES.length).toBe([...GUIDE.matchAll(/^k8s-audit /gm)].length);
    expect(EXAMPLES.length).toBeGreaterThan(5);
  });

  it.each(EXAMPLES)('k8s-audit %s', async (command, output) => {
    const { stdout, failure } = await runCommand(wordsOf(command), { cwd: ROOT });

    expect(failure).toBeUndefined();
    expect(stdout).toMatch(patternOf(output));
  });
});
