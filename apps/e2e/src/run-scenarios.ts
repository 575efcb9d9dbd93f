/**
 * One run, from top to bottom: ground, scenarios, quiet, graceful end, what is left. A failure fails its step and the later steps of its scenario;
 * the other scenarios go on.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createApiClient } from './api-client.ts';
import { eventually } from './eventually.ts';
import type { StepResult } from './report.ts';
import { ResultBook } from './result-book.ts';
import { isInRun } from './runs.ts';
import type { FinalState, Scenario, ScenarioContext } from './scenario.ts';
import { type GroundOptions, prepareGround, type TestGround } from './test-ground.ts';
import { createTrail } from './trail.ts';

/** From the API server to Wazuh it takes a second or two; a loaded machine has taken twenty. */
const EVENT_WITHIN_MS = 60_000;

export interface RunOptions extends GroundOptions {
  readonly scenarios: readonly Scenario[];
  readonly onResult: (result: StepResult) => void;
  readonly signal: AbortSignal;
}

export async function runScenarios(options: RunOptions): Promise<readonly StepResult[]> {
  const { definition, signal } = options;
  const book = new ResultBook(definition.name, options.onResult);
  const scenarios = options.scenarios.filter((scenario) => isInRun(scenario, definition));

  const ground = await book.attempt('set-up', 'everything starts', () => prepareGround(options));
  if (ground === undefined) return book.results;
  try {
    const context = createContext(options, ground);
    const plans = scenarios.map((scenario) => ({ name: scenario.name, plan: scenario.plan(context) }));

    for (const { name, plan } of plans) {
      signal.throwIfAborted();
      await book.attemptAll(name, plan.steps);
    }
    if (plans.some(({ plan }) => plan.whenQuiet !== undefined)) {
      await book.attempt('wind-down', 'the controllers end', () => ground.cluster.quiesce());
      for (const { name, plan } of plans) await book.attemptAll(name, plan.whenQuiet ?? []);
    }
    signal.throwIfAborted();
    const final = await book.attempt('wind-down', 'API servers, receiver and back end end', () => ground.end());
    for (const { name, plan } of plans)
      await book.attemptEach(
        name,
        (plan.afterStop ?? []).map(({ title, run }) => ({ title, run: async () => run(final ?? notReached()) })),
      );
  } finally {
    await ground.abandon();
  }
  return book.results;
}

function notReached(): FinalState {
  throw new Error('not reached: the end failed');
}

function createContext({ definition, product, signal }: RunOptions, ground: TestGround): ScenarioContext {
  const trail = createTrail();
  const { cluster, backend, receiver, folder } = ground;
  return {
    definition,
    product,
    cluster,
    receiver,
    trail,
    wazuhHome: backend.home,
    client: (user, apiServer = 0) => createApiClient({ kubeconfig: cluster.kubeconfig(user, apiServer), user, apiServer }, trail),
    stranger: (apiServer = 0) =>
      createApiClient({ kubeconfig: cluster.kubeconfig('restricted', apiServer), user: 'nobody', apiServer, token: 'not-a-token' }, trail),
    alerts: () => backend.alerts(),
    archives: () => backend.archives(),
    restartBackend: () => backend.restart(),
    eventually: (check) => eventually(check, EVENT_WITHIN_MS, signal),
    scratchFolder(name) {
      const path = join(folder, 'certificates', 'scratch', name);
      mkdirSync(path, { recursive: true });
      return path;
    },
  };
}
