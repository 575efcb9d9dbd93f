import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectNode } from '../connect-node.ts';
import type { CommandOutcome } from '../product-process.ts';
import type { ScenarioContext } from '../scenario.ts';

/** A connect that must not last: what is wrong with it, and what it must say. */
export interface FailingConnect {
  readonly what: string;
  /** Prepares the node, and says with which arguments it is connected. */
  readonly arguments: (node: ConnectNode, context: ScenarioContext) => Promise<readonly string[]> | readonly string[];
  /** Which of the two did not come. */
  readonly failed: 'API server' | 'events';
  /** Why: a line of the API server's own log where it did not start; an API server whose events are not taken tells of it minutes later. */
  readonly says: RegExp;
}

/** The log file too. */
export const BOTH: readonly string[] = ['--back-end', 'both'];
/** Nobody listens there: port 9 (discard) is no service of any machine that tests run on. */
const NOBODY = '127.0.0.1:9';
/**
 * The command asks the receiver before it changes anything, and would refuse by itself: these must go further. An API server that cannot send its events
 * tries until the kubelet kills it, 30 s after it was told to end: the way back takes as long.
 */
const UNASKED = ['--skip-preflight', '--wait', '45'];

export const FAILING_CONNECTS: readonly FailingConnect[] = [
  {
    what: 'a policy of another version',
    // Right for the version that is given; the one that runs, before 1.36, knows no group "*".
    arguments: (node) => {
      const policy = join(node.root, 'policy-of-1.36.yaml');
      writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: Metadata, resources: [{ group: "*" }] }]\n');
      return ['--policy', policy, '--kubernetes-version', '1.36'];
    },
    failed: 'API server',
    says: /group/i,
  },
  {
    what: 'a file that is not there',
    arguments: () => ['--set', 'audit-webhook-config-file=/etc/kubernetes/audit/missing.yaml'],
    failed: 'API server',
    says: /missing\.yaml: no such file or directory/,
  },
  {
    what: 'a file that is there, and that no mount brings into the pod',
    arguments: (node) => {
      mkdirSync(join(node.root, 'srv/elsewhere'), { recursive: true });
      writeFileSync(
        join(node.root, 'srv/elsewhere/policy.yaml'),
        'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: Metadata }]\n',
      );
      return ['--set', 'audit-policy-file=/srv/elsewhere/policy.yaml'];
    },
    failed: 'API server',
    says: /\/srv\/elsewhere\/policy\.yaml: no such file or directory/,
  },
  {
    what: 'a value that its flag does not take',
    arguments: () => [...BOTH, '--set', 'audit-log-maxage=soon'],
    failed: 'API server',
    says: /invalid argument "soon" for "--audit-log-maxage"/,
  },
  {
    what: 'an authority that is not the receiver’s',
    async arguments(node, context) {
      const [own, other] = [join(node.root, 'wrong-ca'), context.scratchFolder(`other-${node.name}`)];
      await context.product.run(['certs', 'create', '--dir', other, '--san', '127.0.0.1']);
      mkdirSync(own, { recursive: true });
      const { certificate, key } = context.receiver.certificate('e2e');
      copyFileSync(certificate, join(own, 'audit-client.cert'));
      copyFileSync(key, join(own, 'audit-client.key'));
      copyFileSync(join(other, 'ca/ca.crt'), join(own, 'audit-ca.cert'));
      return ['--certs', own, ...UNASKED];
    },
    failed: 'events',
    says: /the receiver cannot be asked from here: .*certificate/i,
  },
  {
    what: 'a receiver that is down',
    arguments: () => ['--receiver', NOBODY, ...UNASKED],
    failed: 'events',
    says: /the receiver cannot be asked from here: .*ECONNREFUSED/,
  },
];

/** What never comes need not be waited for as long as what does; the way back is short: nothing of it runs any more. */
const SHORT_WAIT = ['--wait', '30'];

/** It said which of the two failed and what the log said, and all is as before: bytes, modes, a ready API server, one pod. */
export async function assertRecovered(node: ConnectNode, attempt: FailingConnect, context: ScenarioContext): Promise<void> {
  const extra = [...SHORT_WAIT, ...(await attempt.arguments(node, context))];
  const before = node.files();
  const outcome = await node.connect(extra);
  const said = `${outcome.stdout}\n${outcome.stderr}`;
  assert.equal(outcome.code, 1, said);
  assert.match(said, attempt.failed === 'API server' ? /The API server did not come back/ : /its events do not arrive/, said);
  // The diff before it names much that the log may say.
  const why = attempt.failed === 'API server' ? outcome.stdout.slice(outcome.stdout.indexOf('Its log said:')) : said;
  assert.match(why, attempt.says, said);
  assert.match(said, /Everything is put back, and the API server is ready as before/, said);
  assert.deepEqual(node.files(), before);
  assert.deepEqual(node.pods(), ['kube-apiserver.yaml']);
}

/** Refused before anything was changed: not even a backup is begun that would have to be taken back. */
export function assertRefused(node: ConnectNode, outcome: CommandOutcome, before: Readonly<Record<string, string>>, why: RegExp): void {
  assert.equal(outcome.code, 1, outcome.stderr);
  assert.match(outcome.stderr, why);
  assert.deepEqual(node.files(), before);
}
