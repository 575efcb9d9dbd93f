import type { HealthKind } from '@k8s-audit/event-pipeline';

/** Something that is wrong at this moment. */
export interface Problem {
  readonly kind: HealthKind;
  readonly cluster?: string;
  readonly apiServer?: string;
  readonly subject?: string;
  readonly count?: number;
  readonly detail: string;
}

/** The same problem at two looks. */
export function problemKey({ kind, cluster = '', apiServer = '', subject = '' }: Problem): string {
  return [kind, cluster, apiServer, subject].join('\n');
}
