import assert from 'node:assert/strict';
import { type DrillReport, drill } from '../product.ts';
import type { Scenario } from '../scenario.ts';
import { witnessesOf } from './canary.ts';

const WITHIN_SECONDS = 60;
const LABEL = 'app.kubernetes.io/managed-by=k8s-audit-drill';

/** The rule of each drill, by the pack's promise; by hand, where that is told apart. */
const RULES = {
  'exec-into-pod': '118101',
  'ephemeral-container-added': '118102',
  'workload-created': '118211',
  'workload-changed': '118202',
  'workload-deleted': '118213',
  'authentication-failed': '118401',
  'request-denied': '118402',
};

/** `k8s-audit drill all` on a real API server: every drill, for real. */
export const drills: Scenario = {
  name: 'drills',
  title: 'every drill gives its alert, and nothing of it stays',
  runs: ['proof'],
  plan: (context) => ({
    steps: [
      {
        title: 'each gives its alert, over every hop',
        async run() {
          const { code, stdout, stderr } = await context.product.attempt(drill(witnessesOf(context, WITHIN_SECONDS)));
          assert.match(stdout, /^\{/, stderr);
          const { results } = JSON.parse(stdout) as DrillReport;
          const told = results.map((each) => [each.drill, each.outcome, each.alert?.id, each.reason]);
          assert.deepEqual(
            told,
            Object.entries(RULES).map(([name, rule]) => [name, 'alerted', rule, undefined]),
          );
          assert.deepEqual(
            results.flatMap(({ hops }) => hops.filter(({ state }) => state !== 'ok')),
            [],
          );
          assert.equal(code, 0, stderr);
        },
      },
      {
        title: 'one that is interrupted in the middle takes its namespace away',
        async run() {
          const command = context.product.begin(drill(witnessesOf(context, WITHIN_SECONDS), ['exec-into-pod']));
          await context.eventually(async () => assert.match(command.said(), /namespace k8s-audit-drill-/));
          command.interrupt();
          const { stderr } = await command.ended;
          assert.match(stderr, /namespace k8s-audit-drill-\w+ is taken away/);
        },
      },
      {
        title: 'no namespace of theirs is left',
        run: () =>
          context.eventually(async () => {
            const { items } = await context.client('admin').core.listNamespace({ labelSelector: LABEL });
            assert.deepEqual(
              items.map(({ metadata }) => metadata?.name),
              [],
            );
          }),
      },
    ],
  }),
};
