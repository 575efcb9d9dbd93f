const WHOLE_NUMBER = /^[1-9]\d{0,8}$/;
const DURATION = /^(\d{1,6})(ms|s|m)$/;
const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** Why a value would lose events, delay them, or stop the API server; undefined when it does neither. */
export function refusalOf(name: string, value: string): string | undefined {
  switch (name) {
    case 'audit-webhook-mode':
      return value === 'batch'
        ? undefined
        : 'in any mode but batch each API request waits for the receiver, and all of them while it is away';
    case 'audit-webhook-truncate-enabled':
      return value === 'false' ? undefined : 'with it on, a request with a long URI leaves no audit event';
    case 'audit-webhook-batch-throttle-enable':
      return value === 'true' ? undefined : 'a receiver that was away would be flooded by every API server at once';
    case 'audit-webhook-batch-max-size':
      return WHOLE_NUMBER.test(value) && Number(value) >= 10
        ? undefined
        : 'below 10 events a batch most of them are lost under load (1: all beyond 10 a second)';
    case 'audit-webhook-batch-throttle-qps':
    case 'audit-webhook-batch-throttle-burst':
      return WHOLE_NUMBER.test(value) && Number(value) >= 10 ? undefined : 'the API server’s own default is 10 and more';
    case 'audit-webhook-batch-buffer-size':
      return WHOLE_NUMBER.test(value) && Number(value) >= 10_000 ? undefined : 'below the default of 10000 events a burst is lost';
    case 'audit-webhook-batch-max-wait':
      return durationMs(value) > 0 && durationMs(value) <= 30_000 ? undefined : 'an alert would be later than 30 s';
    case 'audit-webhook-initial-backoff':
      return durationMs(value) >= 10_000 ? undefined : 'below 10s a short outage of the receiver loses events';
    default:
      return /^[^\s]+$/.test(value) ? undefined : 'it is no path';
  }
}

/** What a kept setting of the log back end falls short of. Source: CIS Kubernetes Benchmark v1.11, 1.2.17 to 1.2.19. */
export function logRefusalOf(name: string, value: string): string | undefined {
  const least = CIS_LEAST[name];
  if (least === undefined || (/^\d{1,9}$/.test(value) && Number(value) >= least.value)) return undefined;
  return `it is not ours; CIS ${least.control} asks for ${least.value} or more`;
}

const CIS_LEAST: Readonly<Record<string, { readonly value: number; readonly control: string }>> = {
  'audit-log-maxage': { value: 30, control: '1.2.17' },
  'audit-log-maxbackup': { value: 10, control: '1.2.18' },
  'audit-log-maxsize': { value: 100, control: '1.2.19' },
};

function durationMs(text: string): number {
  const parts = DURATION.exec(text);
  return parts ? Number(parts[1]) * (MS_PER_UNIT[parts[2] ?? ''] ?? 0) : 0;
}
