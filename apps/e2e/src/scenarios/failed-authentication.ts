import assert from 'node:assert/strict';
import { answersOf, assertRule, entriesOf, none, theOnly } from '../alert-search.ts';
import { statusOf } from '../api-client.ts';
import type { Scenario } from '../scenario.ts';

/** The API server writes a 401 as one ResponseStarted with an empty user: the event that filters and policies lose first. */
export const failedAuthentication: Scenario = {
  name: 'failed-authentication',
  title: 'a request with an unknown token is found',
  plan: (context) => {
    const stranger = context.stranger();
    const expected = context.definition.expected.authenticationFailed;
    return {
      steps: [
        {
          title: 'is answered with 401',
          async run() {
            assert.equal(await statusOf(stranger.core.listNamespacedPod({ namespace: 'default' })), 401);
          },
        },
        {
          title: 'is in the archive, with nobody as its user',
          run: () =>
            context.eventually(async () => {
              const entry = theOnly(answersOf(await context.archives(), stranger.lastRequest().auditId), 'events');
              const { stage, user, responseStatus } = entry.data?.k8s ?? {};
              assert.deepEqual([stage, user?.username, Number(responseStatus?.code)], ['ResponseStarted', undefined, 401]);
            }),
        },
        {
          title: expected === 'none' ? 'gives no alert' : 'gives one alert',
          run: () =>
            context.eventually(async () => {
              const alerts = entriesOf(await context.alerts(), stranger.lastRequest().auditId);
              if (expected === 'none') none(alerts, 'alerts');
              else assertRule(theOnly(alerts, 'alerts'), expected);
            }),
        },
      ],
    };
  },
};
