import { answersOf, assertRule, entriesOf, none, theOnly } from '../alert-search.ts';
import type { ExpectedRule } from '../runs.ts';
import type { Scenario } from '../scenario.ts';
import type { TrailEntry } from '../trail.ts';

/**
 * Which rule wins where several could: with both packs loaded `core` takes what it knows (scenario `deployment`), and its base lets the rest through
 * to the guide's rules and to the user's own below 110002, of which the higher level is tried first.
 */
export const ruleOrder: Scenario = {
  name: 'rule-order',
  title: 'what core does not know reaches the guide’s rules, and the user’s own below them',
  plan: (context) => {
    const admin = context.client('admin');
    const { namedConfigMapCreated, otherConfigMapCreated } = context.definition.expected;
    const created = new Map<string, TrailEntry>();
    const step = (name: string, expected: ExpectedRule | 'none') => ({
      title: `a config map ${name} gives ${expected === 'none' ? 'no alert' : `rule ${expected.id}`}`,
      run: () =>
        context.eventually(async () => {
          const auditId = created.get(name)?.auditId ?? '';
          theOnly(answersOf(await context.archives(), auditId), 'events');
          const alerts = entriesOf(await context.alerts(), auditId);
          if (expected === 'none') none(alerts, 'alerts');
          else assertRule(theOnly(alerts, 'alerts'), expected);
        }),
    });
    return {
      steps: [
        {
          title: 'two config maps are created',
          async run() {
            for (const name of ['hello-minikube', 'something-else']) {
              await admin.core.createNamespacedConfigMap({
                namespace: 'default',
                body: { metadata: { name }, data: { greeting: 'hello' } },
              });
              created.set(name, admin.lastRequest());
            }
          },
        },
        step('hello-minikube', namedConfigMapCreated),
        step('something-else', otherConfigMapCreated),
      ],
    };
  },
};
