import { mkdirSync, type Stats, statSync, writeFileSync } from 'node:fs';
import type { HostPathMount } from './pod-manifest.ts';

type MustBe = readonly [is: (stats: Stats) => boolean, name: string];
const KINDS: Readonly<Record<string, MustBe>> = {
  Directory: [(stats) => stats.isDirectory(), 'a directory'],
  File: [(stats) => stats.isFile(), 'a file'],
  Socket: [(stats) => stats.isSocket(), 'a socket file'],
  CharDevice: [(stats) => stats.isCharacterDevice(), 'a character device'],
  BlockDevice: [(stats) => stats.isBlockDevice(), 'a block device'],
};

/**
 * Prepares a hostPath and says, in the kubelet's words, why it cannot be mounted (kubernetes v1.35.4 pkg/volume/hostpath/host_path.go
 * checkTypeInternal). Without a type nothing is checked, and what is missing becomes a folder, by the container runtime's hand.
 */
export function prepareHostPath({ volume, hostPath, type }: Pick<HostPathMount, 'volume' | 'hostPath' | 'type'>): string | undefined {
  const stats = statSync(hostPath, { throwIfNoEntry: false });
  if (stats === undefined && (type === '' || type === 'DirectoryOrCreate')) mkdirSync(hostPath, { recursive: true, mode: 0o755 });
  else if (stats === undefined && type === 'FileOrCreate') writeFileSync(hostPath, '', { mode: 0o644, flag: 'wx' });
  if (type === '') return undefined;
  const kind = KINDS[type.replace(/OrCreate$/, '')];
  const failed = `MountVolume.SetUp failed for volume "${volume}" : `;
  if (kind === undefined) return `${failed}${type} is an invalid volume type`;
  const [is, name] = kind;
  const now = stats ?? statSync(hostPath, { throwIfNoEntry: false });
  return now !== undefined && is(now) ? undefined : `${failed}hostPath type check failed: ${hostPath} is not ${name}`;
}
