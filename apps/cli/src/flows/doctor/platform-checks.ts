import { statfs } from 'node:fs/promises';
import type { Check, CheckText, Finding } from '@k8s-audit/checks';

export interface PlatformSight {
  readonly platform: string;
  readonly arch: string;
  /** Of the C library; undefined: musl or none. */
  readonly glibc: string | undefined;
  readonly nodeVersion: string;
  /** Where the spool will lie, or the nearest folder above that is there. */
  readonly spoolFolder: string;
  readonly freeBytes: (folder: string) => Promise<number>;
  /** Seconds that this machine's clock is off, where somebody can tell. */
  readonly clockOffsetSeconds: () => Promise<number | undefined>;
}

const GIB = 1024 ** 3;
/** An hour of 500 events of 2.5 KB a second. */
const LEAST_FREE_BYTES = 5 * GIB;
/** Beyond this an event is marked late, or comes from the future. */
const MOST_OFFSET_SECONDS = 60;

export const PLATFORM_CHECKS: readonly CheckText[] = [
  {
    id: 'platform-supported',
    category: 'platform',
    statement: 'this machine can run the receiver',
    why: 'Linux on x64 or arm64 with glibc 2.28 or later: the datagram socket is spoken to through the C library.',
    isPre: true,
  },
  {
    id: 'platform-node',
    category: 'platform',
    statement: 'the Node that runs this is the one it was made for',
    why: 'Node 24 or later; a release brings its own.',
    isPre: true,
  },
  {
    id: 'platform-disk',
    category: 'platform',
    statement: 'the spool has room',
    why: 'What Wazuh does not take waits on disk. When the disk is full, API servers are told to come back, and after four minutes lose events.',
    isPre: true,
  },
  {
    id: 'platform-clock',
    category: 'platform',
    statement: 'the clock is right',
    why: 'Certificates and late events are judged by it. Told by the kernel (adjtimex) where time is synchronised.',
    isPre: true,
  },
];

export function platformChecks(sight: PlatformSight): readonly Check[] {
  const answers: Readonly<Record<string, () => Promise<Finding>>> = {
    'platform-supported': async () => supported(sight),
    'platform-node': async () => node(sight),
    'platform-disk': () => disk(sight),
    'platform-clock': () => clock(sight),
  };
  return PLATFORM_CHECKS.map((text) => ({ ...text, run: answers[text.id] as () => Promise<Finding> }));
}

export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function supported({ platform, arch, glibc }: PlatformSight): Finding {
  const seen = `${platform} ${arch}, ${glibc === undefined ? 'no glibc' : `glibc ${glibc}`}`;
  if (platform !== 'linux' || !['x64', 'arm64'].includes(arch))
    return { kind: 'failure', seen, next: 'run the receiver on Linux, x64 or arm64' };
  const [major = 0, minor = 0] = (glibc ?? '').split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 28))
    return { kind: 'failure', seen, next: 'use a distribution with glibc 2.28 or later (Debian 10, RHEL 8, Ubuntu 20.04)' };
  return { kind: 'ok', seen };
}

function node({ nodeVersion }: PlatformSight): Finding {
  const major = Number(/^v?(\d+)/.exec(nodeVersion)?.[1] ?? 0);
  return major >= 24
    ? { kind: 'ok', seen: nodeVersion }
    : { kind: 'failure', seen: nodeVersion, next: 'use the release, or npm run k8s-audit in the source tree' };
}

async function disk({ spoolFolder, freeBytes }: PlatformSight): Promise<Finding> {
  const free = await freeBytes(spoolFolder);
  const seen = `${(free / GIB).toFixed(1)} GiB free for ${spoolFolder}`;
  return free >= LEAST_FREE_BYTES
    ? { kind: 'ok', seen }
    : { kind: 'warning', seen, next: 'free some space, or let spool.folder lie elsewhere' };
}

async function clock({ clockOffsetSeconds }: PlatformSight): Promise<Finding> {
  const offset = await clockOffsetSeconds();
  if (offset === undefined) return { kind: 'warning', seen: 'nobody keeps it: it is not synchronised', next: 'timedatectl set-ntp true' };
  if (Math.abs(offset) > MOST_OFFSET_SECONDS) return { kind: 'failure', seen: `${offset.toFixed(0)} s off`, next: 'timedatectl status' };
  return { kind: 'ok', seen: `${offset.toFixed(3)} s off` };
}
