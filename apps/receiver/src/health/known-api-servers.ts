import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { readHostText, writeFileAtomically } from '@k8s-audit/host-files';
import type { Heard } from './observation.ts';

/**
 * Who was heard and when, kept across restarts: a cluster that fell silent while the receiver was down is missed all the same.
 * The file is a help and no ledger: one that cannot be read is begun anew.
 */
export interface KnownApiServers {
  readonly atStart: readonly Heard[];
  save(heard: readonly Heard[]): Promise<void>;
}

export async function openKnownApiServers(folder: string): Promise<KnownApiServers> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'heard.json');
  return {
    atStart: await readHeard(file),
    save: (heard) => writeFileAtomically(file, `${JSON.stringify(heard)}\n`, { mode: 0o600, existing: 'replace' }),
  };
}

async function readHeard(file: string): Promise<readonly Heard[]> {
  try {
    const parsed: unknown = JSON.parse(await readHostText(file));
    return Array.isArray(parsed) ? parsed.filter(isHeard) : [];
  } catch (error) {
    if (error instanceof Failure || error instanceof SyntaxError) return [];
    throw error;
  }
}

function isHeard(value: unknown): value is Heard {
  const { cluster, apiServer, lastMs } = (value ?? {}) as Partial<Heard>;
  return typeof cluster === 'string' && typeof apiServer === 'string' && typeof lastMs === 'number';
}
