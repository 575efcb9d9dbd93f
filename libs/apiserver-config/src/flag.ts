import { Failure } from '@k8s-audit/failure';
import { stringify } from 'yaml';
import { refusalOf } from './flag-refusals.ts';
import type { LoadFlags } from './load-flags.ts';

/** One command-line flag of kube-apiserver: the name without dashes. */
export interface Flag {
  readonly name: string;
  readonly value: string;
}

export interface AuditFlagOptions {
  /** As the API server sees them. */
  readonly policyPath: string;
  /** Absent: no webhook, the log file alone. */
  readonly webhookPath?: string;
  /** The log file's path; `-` is the API server's standard output. Absent: no log back end. */
  readonly logPath?: string;
  readonly load: LoadFlags;
  /** Replace what was computed, by flag name. What would lose events or stop the API server is refused. */
  readonly overrides?: readonly Flag[];
}

/**
 * All audit flags of one API server, in the order of the documentation.
 *
 * @throws Failure APISERVER_FLAG_REFUSED
 */
export function auditFlags({ policyPath, webhookPath, logPath, load, overrides = [] }: AuditFlagOptions): readonly Flag[] {
  const values = new Map<string, string>([
    ['audit-policy-file', policyPath],
    ...(webhookPath === undefined ? [] : webhookFlags(webhookPath, load)),
    ...(logPath === undefined ? [] : logFlags(logPath)),
  ]);
  for (const { name, value } of overrides) {
    const reason = values.has(name) ? refusalOf(name, value) : 'it is none of the flags that decide how audit events are sent';
    if (reason !== undefined)
      throw new Failure('APISERVER_FLAG_REFUSED', `--${name}=${value} is refused: ${reason}.`, {
        hint: 'Leave it out: the computed value carries the load.',
      });
    values.set(name, value);
  }
  return [...values].map(([name, value]) => ({ name, value }));
}

function webhookFlags(webhookPath: string, load: LoadFlags): readonly (readonly [string, string])[] {
  return [
    ['audit-webhook-config-file', webhookPath],
    ['audit-webhook-mode', load.mode],
    ['audit-webhook-batch-max-size', String(load.batchMaxSize)],
    ['audit-webhook-batch-max-wait', `${load.batchMaxWaitSeconds}s`],
    ['audit-webhook-batch-throttle-enable', 'true'],
    ['audit-webhook-batch-throttle-qps', String(load.batchThrottleQps)],
    ['audit-webhook-batch-throttle-burst', String(load.batchThrottleBurst)],
    ['audit-webhook-batch-buffer-size', String(load.batchBufferSize)],
    ['audit-webhook-initial-backoff', `${load.initialBackoffSeconds}s`],
    // The default, written out: whoever reads the manifest must see that it is off on purpose.
    ['audit-webhook-truncate-enabled', String(load.truncateEnabled)],
  ];
}

/** Days, files and megabytes that CIS Kubernetes Benchmark v1.11 asks for in 1.2.16 to 1.2.19: a webhook alone fails all four. */
function logFlags(path: string): readonly (readonly [string, string])[] {
  if (path === '-') return [['audit-log-path', path]];
  return [
    ['audit-log-path', path],
    ['audit-log-maxage', '30'],
    ['audit-log-maxbackup', '10'],
    ['audit-log-maxsize', '100'],
  ];
}

/** `--name=value` or `name=value`, as `kube-apiserver --help` writes them. @throws Failure APISERVER_FLAG_REFUSED */
export function parseFlag(text: string): Flag {
  const parts = /^(?:--)?([a-z0-9-]+)=(.*)$/s.exec(text);
  if (parts) return { name: parts[1] ?? '', value: parts[2] ?? '' };
  throw new Failure('APISERVER_FLAG_REFUSED', `"${text}" is no flag with a value.`, {
    hint: 'Write it as audit-webhook-batch-max-size=200.',
  });
}

export type FlagFormat = 'list' | 'yaml';

/** `list`: one flag a line. `yaml`: items for the `command:` of a static pod. */
export function renderFlags(flags: readonly Flag[], format: FlagFormat): string {
  const lines = flags.map(({ name, value }) => `--${name}=${value}`);
  return format === 'list' ? `${lines.join('\n')}\n` : stringify(lines, { version: '1.1', lineWidth: 0 });
}
