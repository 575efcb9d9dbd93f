import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainFailure, Failure } from '@k8s-audit/failure';
import { CommanderError } from 'commander';
import { chooseBackend } from './backends.ts';
import { chooseCluster } from './clusters.ts';
import { runMigration } from './migration/run-migration.ts';
import { type Options, parseOptions } from './options.ts';
import { createProduct } from './product-process.ts';
import { type Report, renderReport, renderStep, type StepResult, summarise } from './report.ts';
import { ResultBook } from './result-book.ts';
import { runScenarios } from './run-scenarios.ts';
import { describeRun } from './runs.ts';

void main();

/** The only place that catches, prints and sets the exit code. */
async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.list) return list(options);
    const report = await runAll(options, stop.signal);
    if (report.failed > 0 || report.passed === 0) process.exitCode = 1;
  } catch (error) {
    const isUsage = error instanceof CommanderError || (error instanceof Failure && error.code === 'USAGE');
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : isUsage ? 2 : 1;
    if (!(error instanceof CommanderError)) process.stderr.write(`${explainFailure(error)}\n`);
    // Whatever ended it: a run always ends with the line that a CI reads.
    if (!isUsage) print('\n0 passed, 1 failed');
  }
}

async function runAll(options: Options, signal: AbortSignal): Promise<Report> {
  const startedAtMs = Date.now();
  const cluster = chooseCluster(options.cluster);
  const product = createProduct(options.product);
  const backend = chooseBackend(options.wazuh, product);
  const { scenarios } = options;
  const ground = { cluster, backend, product, scenarios, onProgress: progress, onResult: createPrinter(), signal };
  const folder = mkdtempSync(join(tmpdir(), 'k8s-audit-e2e-'));
  const tools = new ResultBook('tools', ground.onResult);
  await tools.attempt('back end', `${backend.name} can be used`, () => backend.check());
  await tools.attempt('cluster', `${cluster.name} can be started`, () => cluster.prepare(progress, signal));
  const areThere = tools.results.every(({ outcome }) => outcome === 'passed');
  const results: StepResult[] = [...tools.results];
  let isClean = false;
  try {
    for (const definition of areThere ? options.runs : []) {
      print(`\n${describeRun(definition)}`);
      const runFolder = join(folder, definition.name);
      mkdirSync(runFolder, { mode: 0o700 });
      const run = definition.migrates === true ? runMigration : runScenarios;
      results.push(...(await run({ ...ground, definition, folder: runFolder })));
    }
    isClean = results.every(({ outcome }) => outcome === 'passed');
  } finally {
    if ((isClean || !areThere) && !options.keep) rmSync(folder, { recursive: true, force: true });
    else progress(`files and logs of the run: ${folder}`);
  }
  const report = summarise({ startedAtMs, endedAtMs: Date.now(), cluster: cluster.name, backend: backend.name }, results);
  writeReport(options.reportFolder, report);
  print(`\n${report.passed} passed, ${report.failed} failed`);
  return report;
}

/** Prints each step as it ends, under the name of its scenario. */
function createPrinter(): (result: StepResult) => void {
  let shown = '';
  return (result) => {
    const heading = `${result.run} ${result.scenario}`;
    if (heading !== shown) print(`  ${result.scenario}`);
    shown = heading;
    print(renderStep(result));
  };
}

function writeReport(folder: string, report: Report): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'e2e.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, 'e2e.txt'), renderReport(report));
  print(`\nreport: ${join(folder, 'e2e.txt')} and e2e.json`);
}

function list({ runs, scenarios }: Options): void {
  for (const run of runs) print(`run ${describeRun(run)}`);
  for (const { name, title } of scenarios) print(`scenario ${name}: ${title}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function progress(line: string): void {
  process.stderr.write(`e2e: ${line}\n`);
}
