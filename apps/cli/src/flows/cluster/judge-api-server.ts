import type { Flag } from '@k8s-audit/apiserver-config';
import type { SeenApiServer } from '@k8s-audit/cluster';
import type { LocalNode } from './local-node.ts';
import type { OwnBooks } from './own-books.ts';
import { type Checksums, parseChecksum } from './setup-checksum.ts';

/** All that is known of one API server, from up to three sides. */
export interface Evidence {
  readonly seen?: SeenApiServer;
  readonly local?: LocalNode;
  readonly books?: OwnBooks['apiServers'][number];
  /** The receiver was asked, whether or not it knows this one. */
  readonly isReceiverAsked: boolean;
}

/** The worst thing that holds; in this order. */
export type State =
  | 'unreachable'
  | 'no-audit'
  | 'blocking'
  | 'batch-size-1'
  | 'losing'
  | 'drift'
  | 'log-only'
  | 'silent'
  | 'connected'
  | 'unknown';

export interface ApiServerStatus {
  readonly name: string;
  readonly address: string;
  readonly state: State;
  /** What to do about it. */
  readonly advice?: string;
  readonly policy: FileState;
  readonly webhook: FileState;
  readonly auditFlags: readonly Flag[];
  /** Made and given up since the API server started. */
  readonly events?: number;
  readonly lost?: Readonly<Record<string, number>>;
  readonly lastEventAt?: string;
  readonly lagMs?: number;
}

/** `loaded`: the file on disk is the one that it was started with. Elsewhere only the checksum is known. */
export type FileState = { readonly kind: 'loaded' | 'changed-since' | 'known' | 'unknown'; readonly checksum?: string };

/** The busiest policies record something of every minute: leases, watches, health checks. */
export const SILENT_AFTER_MS: number = 10 * 60_000;

export function judgeApiServer({ seen, local, books, isReceiverAsked }: Evidence, nowMs: number): ApiServerStatus {
  const flags = seen?.flags ?? local?.flags;
  const loaded = local?.loaded ?? (seen?.checksum === undefined ? undefined : parseChecksum(seen.checksum));
  const counters = seen?.counters.kind === 'counters' ? seen.counters : undefined;
  const policy = fileState('policy', loaded, local);
  const webhook = fileState('webhook', loaded, local);
  const state = stateOf();
  return {
    name: seen?.node ?? local?.apiServer ?? books?.apiServer ?? seen?.address ?? '',
    address: seen?.address ?? local?.address ?? '',
    state,
    ...(ADVICE[state] === undefined ? {} : { advice: ADVICE[state] }),
    policy,
    webhook,
    auditFlags: (flags ?? []).filter(({ name }) => name.startsWith('audit-')),
    ...(counters === undefined ? {} : { events: counters.events, lost: counters.errors }),
    ...(books?.lastReceivedAt === undefined ? {} : { lastEventAt: books.lastReceivedAt }),
    ...(books?.lagMs === undefined ? {} : { lagMs: books.lagMs }),
  };

  function stateOf(): State {
    const flag = (name: string): string | undefined => flags?.findLast((each) => each.name === name)?.value;
    if (flags !== undefined) {
      if (flag('audit-policy-file') === undefined) return 'no-audit';
      if (/^blocking/.test(flag('audit-webhook-mode') ?? '')) return 'blocking';
      if (flag('audit-webhook-batch-max-size') === '1') return 'batch-size-1';
    }
    if (Object.values(counters?.errors ?? {}).some((count) => count > 0)) return 'losing';
    if (policy.kind === 'changed-since' || webhook.kind === 'changed-since') return 'drift';
    if (flags !== undefined && flag('audit-webhook-config-file') === undefined) return 'log-only';
    if (isReceiverAsked) {
      const last = Date.parse(books?.lastReceivedAt ?? '');
      return nowMs - last <= SILENT_AFTER_MS ? 'connected' : 'silent';
    }
    if (seen?.counters.kind === 'unreachable') return 'unreachable';
    return 'unknown';
  }
}

/** An API server that is well needs no advice. */
export const WELL: ReadonlySet<State> = new Set(['connected', 'log-only', 'unknown']);

const ADVICE: Partial<Record<State, string>> = {
  unreachable: 'its /metrics does not answer from here: see the reason in --output json',
  'no-audit': 'it audits nothing: k8s-audit cluster connect, on its node',
  blocking: 'every request waits for the receiver: k8s-audit cluster connect --replace, on its node',
  'batch-size-1': 'still on batch size 1: ten events a second, the rest is late and then lost; k8s-audit cluster connect, on its node',
  losing: 'it has given up events since it started: is the receiver reachable, and the rate as given to --rate?',
  drift: 'its files were changed after it started: k8s-audit cluster connect again makes it read them',
  silent: `the receiver has got nothing of it for ${SILENT_AFTER_MS / 60_000} minutes`,
  unknown: 'nobody could say whether events arrive: run it on the node, or give --receiver and --certs',
};

function fileState(part: keyof Checksums, loaded: Checksums | undefined, local: LocalNode | undefined): FileState {
  const checksum = loaded?.[part];
  const onDisk = local?.onDisk[part];
  if (checksum === undefined) return { kind: 'unknown' };
  if (onDisk === undefined) return { kind: 'known', checksum };
  return { kind: checksum === onDisk ? 'loaded' : 'changed-since', checksum };
}
