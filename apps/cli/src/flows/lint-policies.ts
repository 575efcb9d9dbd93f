import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  type AppliedFix,
  type Fix,
  fixPolicy,
  type KubernetesVersion,
  type LintResult,
  lintPolicy,
  type Severity,
} from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import { readHostFile, writeFileAtomically } from '@k8s-audit/host-files';
import { unifiedDiff } from '@k8s-audit/text-edits';
import type { CommandIo } from '../command-io.ts';

export interface LintRun {
  readonly kubernetesVersion: KubernetesVersion | undefined;
  /** Which fixes are made; undefined: none. */
  readonly fix: Fix['meaning'] | undefined;
  /** Findings below it are not mended. */
  readonly severity: Severity;
  /** Show what would be changed, and change nothing. */
  readonly dryRun: boolean;
}

export interface LintedPolicy {
  /** As given; `stdin` for the standard input. */
  readonly file: string;
  /** Of the text after the fixes. */
  readonly result: LintResult;
  readonly applied: readonly AppliedFix[];
  /** False: `applied` is what would be done. */
  readonly isWritten: boolean;
  /** `''`: nothing was to change. */
  readonly diff: string;
  /** The standard input with its fixes; it cannot be written back. */
  readonly fixedText: string | undefined;
}

/** Lints policies one by one and, when asked to, writes back what could be mended: each file whole or not at all. */
export async function lintPolicies(files: readonly string[], run: LintRun, io: CommandIo): Promise<readonly LintedPolicy[]> {
  if (files.filter((file) => file === '-').length > 1)
    throw new Failure('USAGE', 'the standard input can be read once only', { hint: 'give files for the others' });
  const linted: LintedPolicy[] = [];
  for (const file of files) linted.push(await lintOne(file, run, io));
  return linted;
}

async function lintOne(file: string, { kubernetesVersion, fix, severity, dryRun }: LintRun, io: CommandIo): Promise<LintedPolicy> {
  const isPiped = file === '-';
  const name = isPiped ? 'stdin' : file;
  const bytes = isPiped ? await buffer(io.stdin) : await readHostFile(resolve(io.cwd, file));
  const options = kubernetesVersion === undefined ? {} : { kubernetesVersion };
  const text = plainText(bytes);
  if (fix === undefined || text === undefined)
    return { file: name, result: lintPolicy(bytes, options), applied: [], isWritten: false, diff: '', fixedText: undefined };
  const fixed = fixPolicy(text, { ...options, meaning: fix, least: severity });
  if (!isPiped && !dryRun && fixed.text !== text) await writeFileAtomically(resolve(io.cwd, file), fixed.text, { existing: 'replace' });
  return {
    file: name,
    result: fixed.after,
    applied: fixed.applied,
    isWritten: !dryRun,
    diff: unifiedDiff(name, text, fixed.text),
    fixedText: isPiped && !dryRun ? fixed.text : undefined,
  };
}

/** Undefined: not UTF-8, and written back it would not be what it was. */
function plainText(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : undefined;
}
