import { type CisConcern, checkCis322, describeRequest, type Policy, type PolicyReading, readPolicy } from '@k8s-audit/audit-policy';
import type { Check, CheckText, Finding } from '@k8s-audit/checks';
import { parseChecksum, setupChecksum } from '../cluster/setup-checksum.ts';

/** What is known of one API server's policy: on the disk, and as it was when the API server started. */
export interface PolicySight {
  /** `--audit-policy-file` of the manifest; undefined: not set. */
  readonly flag: string | undefined;
  /** The same flag of the process that runs; absent: no such process is seen here. */
  readonly runningFlag?: string;
  /** The file that the API server would read now; absent: it cannot be found from here. */
  readonly file?: { readonly path: string; readonly text: string; readonly changedAtMs: number };
  /** What `cluster connect` wrote into the manifest about the files that it started the API server with. */
  readonly checksumAtStart?: string;
  /** By its process, or by its own metrics. */
  readonly startedAtMs?: number;
}

export const POLICY_CHECKS: readonly CheckText[] = [
  {
    id: 'api-server-policy-loaded',
    category: 'api-server',
    statement: 'the API server runs the policy that lies on the disk',
    why: 'It reads the file at its start only. Told by the checksum that `cluster connect` leaves in the manifest, else by the time of the file and of the start (of the process here, or from --kubeconfig), and by the flags of the process.',
    needs: ['api-server-policy'],
  },
  {
    id: 'cis-3.2.1',
    category: 'compliance',
    statement: 'CIS 3.2.1: a minimal audit policy is created',
    why: 'A policy is set, can be loaded, and records something. Evidence: the file and its rules.',
  },
  {
    id: 'cis-3.2.2',
    category: 'compliance',
    statement: 'CIS 3.2.2: the audit policy covers key security concerns',
    why: 'Secrets at Metadata only, config maps and token reviews without bodies, changes of pods and deployments, the use of exec, port-forward and proxy, and most other requests: each is asked of the policy as requests by anybody. Evidence: an example and the rule that decides it. A warning: not for some requesters, namespaces or names.',
    needs: ['cis-3.2.1'],
  },
];

/** The checks of one API server's policy. */
export function policyChecks(look: () => Promise<PolicySight>): readonly Check[] {
  const answers: Readonly<Record<string, (sight: PolicySight) => Finding>> = {
    'api-server-policy-loaded': loaded,
    'cis-3.2.1': minimalPolicy,
    'cis-3.2.2': keyConcerns,
  };
  return POLICY_CHECKS.map((text) => ({ ...text, run: async () => (answers[text.id] as (sight: PolicySight) => Finding)(await look()) }));
}

const CONNECT = 'k8s-audit cluster connect restarts the API server with the file as it is';

function loaded({ flag, runningFlag, file, checksumAtStart, startedAtMs }: PolicySight): Finding {
  if (runningFlag !== undefined && runningFlag !== flag)
    return { kind: 'failure', seen: `it runs with --audit-policy-file=${runningFlag}, the manifest says ${flag ?? 'none'}`, next: CONNECT };
  if (file === undefined)
    return { kind: 'failure', seen: `${flag} is not on this machine`, next: 'put it back, or: k8s-audit cluster connect' };
  const reading = readPolicy(file.text);
  if (reading.kind === 'refused')
    return {
      kind: 'failure',
      seen: `${file.path}: ${reading.message.slice(0, 300)}; the API server will not start with it again`,
      next: `k8s-audit policy lint ${file.path}`,
    };
  const atStart = checksumAtStart === undefined ? undefined : parseChecksum(checksumAtStart).policy;
  if (atStart !== undefined) {
    const now = parseChecksum(setupChecksum({ policy: file.text })).policy;
    return now === atStart
      ? known(reading, `${file.path}, checksum ${now} as at its start`)
      : { kind: 'failure', seen: `${file.path} has checksum ${now}, at the start it had ${atStart}`, next: CONNECT };
  }
  if (startedAtMs === undefined)
    return { kind: 'skipped', seen: 'no checksum in the manifest, no process of it here and no metrics (--kubeconfig)' };
  const [changed, started] = [new Date(file.changedAtMs).toISOString(), new Date(startedAtMs).toISOString()];
  return file.changedAtMs > startedAtMs
    ? { kind: 'failure', seen: `${file.path} was changed at ${changed}, after its start at ${started}`, next: CONNECT }
    : known(reading, `${file.path}, unchanged since ${changed}, started at ${started}`);
}

/** What kube-apiserver passes over in silence is not what somebody meant. */
function known({ strictErrors }: Extract<PolicyReading, { kind: 'policy' }>, seen: string): Finding {
  const [first] = strictErrors;
  if (first === undefined) return { kind: 'ok', seen };
  return { kind: 'warning', seen: `${seen}; it ignores: ${first.message}`, next: 'k8s-audit policy lint --fix' };
}

function minimalPolicy(sight: PolicySight): Finding {
  const policy = policyOf(sight);
  if ('seen' in policy) return { kind: 'failure', ...policy, next: 'k8s-audit cluster connect --profile cis' };
  const { rules } = policy;
  const recording = rules.filter(({ level }) => level !== 'None').length;
  const seen = `--audit-policy-file=${sight.flag}: ${rules.length} rules, ${recording} of them record`;
  return recording > 0 ? { kind: 'ok', seen } : { kind: 'failure', seen, next: 'k8s-audit policy render --profile cis' };
}

function policyOf({ flag, file }: PolicySight): Policy | { readonly seen: string } {
  if (flag === undefined) return { seen: '--audit-policy-file is not set' };
  if (file === undefined) return { seen: `${flag} is not on this machine` };
  const reading = readPolicy(file.text);
  return reading.kind === 'policy' ? reading.policy : { seen: `${file.path}: ${reading.message.slice(0, 300)}` };
}

function keyConcerns(sight: PolicySight): Finding {
  const policy = policyOf(sight);
  if ('seen' in policy) return { kind: 'skipped', ...policy };
  const concerns = checkCis322(policy);
  const open = concerns.filter(({ status }) => status !== 'met');
  if (open.length === 0) return { kind: 'ok', seen: concerns.map(evidence).join('; ') };
  return {
    kind: open.some(({ status }) => status === 'not-met') ? 'failure' : 'warning',
    seen: open.map(evidence).join('; '),
    next: open.map(({ remedy }) => remedy).join('; '),
  };
}

/** `access to secrets, at Metadata only: partly: get on secrets in kube-system by … is None by rule 3`. */
function evidence({ title, status, failing, meeting }: CisConcern): string {
  const [example] = status === 'met' ? meeting : failing;
  if (example === undefined) return `${title}: ${status}`;
  const { level, matchedRule } = example.decision;
  const decider = matchedRule === undefined ? 'no rule' : `rule ${matchedRule + 1}`;
  return `${title}: ${status}: ${describeRequest(example.request)} is ${level} by ${decider}`;
}
