/**
 * `npm run e2e:policies`: real API servers load each profile without a warning, and record of hundreds of requests what `policy explain` says.
 * Only etcd and API servers run; requests are told apart in the API servers' own audit logs by audit IDs that we choose.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { AuditEvent } from '@k8s-audit/audit-events';
import { parseVersion } from '@k8s-audit/audit-policy';
import { explainFailure } from '@k8s-audit/failure';
import { ensureTestbedBinary, kubernetesVersion, startControlPlane } from '@k8s-audit/testbed';
import { KubeConfig, RbacAuthorizationV1Api } from '@kubernetes/client-node';
import { openJsonLines } from './json-lines.ts';
import { type AskingClient, createAskingClient } from './policies/asking.ts';
import { differenceOf, expectedOf, policyOf, recordedOf } from './policies/comparison.ts';
import { ADMINISTRATOR, ASKERS, QUESTIONS } from './policies/questions.ts';
import { SUBJECTS, type Subject } from './policies/subjects.ts';
import { createProduct } from './product-process.ts';
import { renderStep } from './report.ts';
import { ResultBook } from './result-book.ts';

/** API servers that run at once: each takes a third of a gigabyte, and the processors for some seconds. */
const AT_ONCE = 4;
const WARNING = /Audit policy contains errors|unknown field|strict decoding/;

void main();

async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  const book = new ResultBook('policies', (result) => print(renderStep(result)));
  const folder = mkdtempSync(join(tmpdir(), 'k8s-audit-policies-'));
  try {
    const { values } = parseArgs({ options: { policy: { type: 'string', multiple: true }, keep: { type: 'boolean' } } });
    const subjects = SUBJECTS.filter(({ name }) => values.policy === undefined || values.policy.some((part) => name.includes(part)));
    const binary = await ensureTestbedBinary({ onProgress: progress, signal: stop.signal });
    for (let start = 0; start < subjects.length; start += AT_ONCE)
      await runTogether(subjects.slice(start, start + AT_ONCE), { binary, folder: join(folder, String(start)), book, signal: stop.signal });
    if (values.keep === true) progress(`files and logs: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    process.stderr.write(`${explainFailure(error)}\nfiles and logs: ${folder}\n`);
    await book.attempt('policies', 'the run comes to its end', () => Promise.reject(error));
  }
  const failed = book.results.filter(({ outcome }) => outcome === 'failed').length;
  print(`\n${book.results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && book.results.length > 0 ? 0 : 1;
}

interface RunOptions {
  readonly binary: string;
  readonly folder: string;
  readonly book: ResultBook;
  readonly signal: AbortSignal;
}

async function runTogether(subjects: readonly Subject[], { binary, folder, book, signal }: RunOptions): Promise<void> {
  mkdirSync(folder, { mode: 0o700 });
  const product = createProduct();
  const texts = await Promise.all(subjects.map(({ text }) => text(product, kubernetesVersion())));
  const files = subjects.map((_, index) => ({ policy: join(folder, `policy-${index}.yaml`), log: join(folder, `audit-${index}.jsonl`) }));
  for (const [index, { policy }] of files.entries()) writeFileSync(policy, texts[index] ?? '');
  const plane = await startControlPlane({
    binary,
    folder: join(folder, 'plane'),
    apiServers: files.map(({ policy, log }, index) => ({
      name: `kube-apiserver-${index}`,
      // Written before the answer ends: what is there after the last answer is all there will be.
      flags: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-mode=blocking-strict'],
    })),
    users: ASKERS,
    withControllers: false,
    onProgress: progress,
  });
  try {
    await letAdministrate(plane.kubeconfig('admin'));
    const version = parseVersion(kubernetesVersion()) ?? '1.35';
    for (const [index, subject] of subjects.entries()) {
      if (signal.aborted) throw signal.reason;
      const logText = readFileSync(plane.apiServers[index]?.logFile ?? '', 'utf8');
      const loading = subject.warns ? 'is loaded by a real API server, which warns' : 'is loaded by a real API server without a warning';
      await book.attempt(subject.name, `${subject.name}: ${loading}`, async () => {
        const warning = logText.split('\n').find((line) => WARNING.test(line));
        if ((warning !== undefined) !== subject.warns) throw new Error(warning ?? 'the API server says nothing');
      });
      const client = createAskingClient((user) => plane.kubeconfig(user, index));
      await book.attempt(subject.name, `${subject.name}: ${QUESTIONS.length} requests are recorded as policy explain says`, () =>
        compare(client, texts[index] ?? '', version, files[index]?.log ?? ''),
      );
      client.close();
    }
  } finally {
    await plane.stop();
  }
}

async function compare(client: AskingClient, text: string, version: `${number}.${number}`, logFile: string): Promise<void> {
  const policy = policyOf(text, version);
  const auditId = (index: number): string => `k8s-audit-e2e-${index}`;
  await until(
    async () => (await client.ask({ method: 'GET', url: '/api/v1/namespaces/default', asker: 'alice' }, 'k8s-audit-e2e-ready')) === 200,
  );
  const statuses = await Promise.all(QUESTIONS.map((question, index) => client.ask(question, auditId(index))));
  // ResponseComplete is written when the handler has returned, which may be after the client has read the answer.
  const log = openJsonLines<AuditEvent>(logFile);
  const expected = QUESTIONS.map((question) => expectedOf(policy, question));
  const count = expected.reduce((sum, { stages }) => sum + stages.length, 0);
  const ours = async (): Promise<readonly AuditEvent[]> => (await log.read()).filter(({ auditID }) => /^k8s-audit-e2e-\d+$/.test(auditID));
  await until(async () => (await ours()).length >= count).catch(() => undefined); // what is missing is named below
  await sleep(QUIET_MS);
  const events = Map.groupBy(await ours(), ({ auditID }) => auditID);
  const differences = QUESTIONS.flatMap((question, index) => {
    const recorded = recordedOf(events.get(auditId(index)) ?? []);
    return differenceOf(question, expected[index] ?? recorded, recorded, statuses[index]) ?? [];
  });
  if (differences.length > 0) throw new Error(`${differences.length} differ:\n${differences.slice(0, 20).join('\n')}`);
  const levels = new Set(expected.map(({ level }) => level));
  if (levels.size < 2) throw new Error(`every request is recorded at ${[...levels].join()}: that compares nothing`);
}

/** An event too many would come within this, as the others did. */
const QUIET_MS = 500;
const WITHIN_MS = 30_000;

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + WITHIN_MS;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${WITHIN_MS / 1000} s`);
    await sleep(100);
  }
}

/** So that some requests are allowed and end in every way that requests end. */
async function letAdministrate(kubeconfig: string): Promise<void> {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  await config.makeApiClient(RbacAuthorizationV1Api).createClusterRoleBinding({
    body: {
      metadata: { name: 'e2e-administrator' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: ADMINISTRATOR }],
    },
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function progress(line: string): void {
  process.stderr.write(`policies: ${line}\n`);
}
