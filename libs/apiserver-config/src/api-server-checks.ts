import type { Check, CheckText, Finding } from '@k8s-audit/checks';
import type { Flag } from './flag.ts';
import { logRefusalOf, refusalOf } from './flag-refusals.ts';

/** How many events an API server sends, and what it was seen to do with them (its own counters). */
export interface ApiServerSight {
  readonly flags: readonly Flag[];
  /** Known when its metrics can be read. */
  readonly counters?: { readonly events: number; readonly errors: number };
  /** The larger of now and on average since its start. */
  readonly eventsPerSecond?: number;
  /** Why its metrics were asked for and not read. */
  readonly unreadable?: string;
}

const page = (id: string, category: CheckText['category'], statement: string, why: string): CheckText => ({ id, category, statement, why });

export const API_SERVER_CHECKS: readonly CheckText[] = [
  page(
    'api-server-policy',
    'api-server',
    'the API server has an audit policy',
    'Without --audit-policy-file it records nothing, and says so only in a verbose log.',
  ),
  page(
    'api-server-webhook',
    'api-server',
    'the API server sends its events',
    'Without --audit-webhook-config-file (or --audit-log-path for an agent) nothing leaves it.',
  ),
  page(
    'api-server-mode',
    'api-server',
    'no API request waits for the receiver',
    'In a blocking mode every request waits for the receiver, and all of them while it is away: at the start the API server does not become ready.',
  ),
  page(
    'api-server-batches',
    'api-server',
    'the webhook can carry the load',
    'The throttle counts batches: with one event a batch (the hand-followed guide) an API server delivers ten events a second and loses the rest, up to a thousand seconds late. With --kubeconfig the flags are held against the events that its metrics count, now and on average.',
  ),
  page(
    'api-server-truncation',
    'api-server',
    'no event is dropped for its size',
    'With truncation on, a request with a long URI leaves no audit event.',
  ),
  page(
    'api-server-drops',
    'api-server',
    'the API server has dropped no events',
    'apiserver_audit_error_total counts events that were given up after five attempts, or for which the buffer had no room. Read with --kubeconfig.',
  ),
  page(
    'cis-1.2.16',
    'compliance',
    'CIS 1.2.16: --audit-log-path is set',
    'The benchmark asks for the log back end; a webhook alone does not meet it.',
  ),
  page('cis-1.2.17', 'compliance', 'CIS 1.2.17: --audit-log-maxage is 30 or more', 'Audit logs are kept for a month at least.'),
  page('cis-1.2.18', 'compliance', 'CIS 1.2.18: --audit-log-maxbackup is 10 or more', 'Ten rotated files at least are kept.'),
  page('cis-1.2.19', 'compliance', 'CIS 1.2.19: --audit-log-maxsize is 100 or more', 'A file holds a hundred megabytes at least.'),
];

/** The checks of one API server, by its flags and counters. */
export function apiServerChecks(look: () => Promise<ApiServerSight>): readonly Check[] {
  const answers: Readonly<Record<string, (sight: ApiServerSight) => Finding>> = {
    'api-server-policy': ({ flags }) => present(flags, ['audit-policy-file'], 'k8s-audit cluster connect'),
    'api-server-webhook': ({ flags }) => present(flags, ['audit-webhook-config-file', 'audit-log-path'], 'k8s-audit cluster connect'),
    'api-server-mode': ({ flags }) => refused(flags, 'audit-webhook-mode'),
    'api-server-batches': batches,
    'api-server-truncation': ({ flags }) => refused(flags, 'audit-webhook-truncate-enabled'),
    'api-server-drops': drops,
    'cis-1.2.16': ({ flags }) => present(flags, ['audit-log-path'], 'k8s-audit cluster connect writes both back ends'),
    'cis-1.2.17': ({ flags }) => atLeast(flags, 'audit-log-maxage'),
    'cis-1.2.18': ({ flags }) => atLeast(flags, 'audit-log-maxbackup'),
    'cis-1.2.19': ({ flags }) => atLeast(flags, 'audit-log-maxsize'),
  };
  return API_SERVER_CHECKS.map((text) => ({
    ...text,
    run: async () => (answers[text.id] as (sight: ApiServerSight) => Finding)(await look()),
  }));
}

function flagValue(flags: readonly Flag[], name: string): string | undefined {
  return flags.findLast((flag) => flag.name === name)?.value;
}

function present(flags: readonly Flag[], names: readonly string[], next: string): Finding {
  const there = names.find((name) => flagValue(flags, name));
  if (there !== undefined) return { kind: 'ok', seen: `--${there}=${flagValue(flags, there)}` };
  return { kind: 'failure', seen: `${names.map((name) => `--${name}`).join(' and ')} ${names.length === 1 ? 'is' : 'are'} not set`, next };
}

function refused(flags: readonly Flag[], name: string): Finding {
  const value = flagValue(flags, name);
  const reason = value === undefined ? undefined : refusalOf(name, value);
  return reason === undefined
    ? { kind: 'ok' }
    : { kind: 'failure', seen: `--${name}=${value}: ${reason}`, next: `take --${name} out: k8s-audit cluster connect` };
}

function atLeast(flags: readonly Flag[], name: string): Finding {
  const value = flagValue(flags, name);
  if (value === undefined) return { kind: 'failure', seen: `--${name} is not set`, next: 'k8s-audit cluster connect' };
  const reason = logRefusalOf(name, value);
  return reason === undefined
    ? { kind: 'ok', seen: `--${name}=${value}` }
    : { kind: 'failure', seen: `--${name}=${value}: ${reason}`, next: `raise --${name}` };
}

/** Kubernetes' own defaults (k8s.io/apiserver v0.36.3 pkg/server/options/audit.go). */
const DEFAULT_BATCH = 400;
const DEFAULT_QPS = 10;

function batches({ flags, eventsPerSecond }: ApiServerSight): Finding {
  if (flagValue(flags, 'audit-webhook-config-file') === undefined) return { kind: 'skipped', seen: 'no webhook' };
  const size = Number(flagValue(flags, 'audit-webhook-batch-max-size') ?? DEFAULT_BATCH);
  const qps = Number(flagValue(flags, 'audit-webhook-batch-throttle-qps') ?? DEFAULT_QPS);
  const ceiling = flagValue(flags, 'audit-webhook-batch-throttle-enable') === 'false' ? Number.POSITIVE_INFINITY : size * qps;
  const seen = `${size} events a batch, ${qps} batches a second: ${ceiling} events a second at most`;
  const next = 'k8s-audit cluster connect --rate N';
  const reason = refusalOf('audit-webhook-batch-max-size', String(size));
  if (reason !== undefined) return { kind: 'failure', seen: `${seen}; ${reason}`, next };
  if (eventsPerSecond !== undefined && eventsPerSecond > ceiling)
    return { kind: 'failure', seen: `${seen}, and ${Math.round(eventsPerSecond)} come`, next };
  if (eventsPerSecond !== undefined && eventsPerSecond * 2 > ceiling)
    return { kind: 'warning', seen: `${seen}, and ${Math.round(eventsPerSecond)} come: a burst will be lost`, next };
  return { kind: 'ok', seen: eventsPerSecond === undefined ? seen : `${seen}; ${eventsPerSecond.toFixed(1)} come` };
}

function drops({ counters, unreadable }: ApiServerSight): Finding {
  if (unreadable !== undefined)
    return {
      kind: 'warning',
      seen: `its metrics cannot be read: ${unreadable}`,
      next: 'give --kubeconfig of a user who may read /metrics',
    };
  if (counters === undefined) return { kind: 'skipped', seen: 'its metrics were not asked for (--kubeconfig)' };
  if (counters.errors === 0) return { kind: 'ok', seen: `${counters.events} events, none dropped` };
  const share = ((100 * counters.errors) / Math.max(1, counters.events)).toFixed(2);
  return {
    kind: 'failure',
    seen: `${counters.errors} of ${counters.events} dropped since its start (${share} %)`,
    next: 'see api-server-batches, and how long the receiver was away',
  };
}
