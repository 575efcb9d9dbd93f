import { basename } from 'node:path';
import { Simulation, type SimulationResult } from '@k8s-audit/audit-policy';
import type { LoadedPolicy } from './load-policy.ts';
import { readRecordedEvents, recordingBytes } from './recorded-events.ts';

export interface SimulationRun extends SimulationResult {
  readonly policyName: string;
  readonly againstName: string | undefined;
  readonly files: readonly string[];
  /** Lines and items that are no audit event. */
  readonly refused: number;
  /** Files that end early, and how: their first part counts. */
  readonly cut: readonly { readonly file: string; readonly reason: string }[];
  /** Ctrl-C ended it: the rest was not read. */
  readonly interrupted: boolean;
}

export interface SimulationProgress {
  readonly events: number;
  readonly readBytes: number;
  /** 0: nobody knows. */
  readonly totalBytes: number;
}

export interface SimulationOptions {
  /** Rows of each table. */
  readonly top: number;
  readonly stdin: NodeJS.ReadableStream;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SimulationProgress) => void;
}

/** Reads recordings one after the other and adds up what a policy would keep of them. */
export async function simulatePolicy(
  policy: LoadedPolicy,
  against: LoadedPolicy | undefined,
  files: readonly string[],
  options: SimulationOptions,
): Promise<SimulationRun> {
  const simulation = new Simulation(policy.policy, against?.policy);
  const sizes = await Promise.all(files.map(recordingBytes));
  const totalBytes = sizes.includes(0) ? 0 : sizes.reduce((sum, size) => sum + size, 0);
  const cut: { file: string; reason: string }[] = [];
  let [events, refused, before] = [0, 0, 0];
  for (const [index, file] of files.entries()) {
    for await (const batch of readRecordedEvents(file, options.stdin)) {
      for (const { event, byteLength } of batch.events) simulation.add(event, byteLength);
      events += batch.events.length;
      refused += batch.refused;
      if (batch.cut !== undefined) cut.push({ file: basename(file), reason: batch.cut });
      options.onProgress?.({ events, readBytes: before + batch.readBytes, totalBytes });
      if (options.signal.aborted) break;
    }
    if (options.signal.aborted) break;
    before += sizes[index] ?? 0;
  }
  return {
    ...simulation.result(options.top),
    policyName: policy.name,
    againstName: against?.name,
    files,
    refused,
    cut,
    interrupted: options.signal.aborted,
  };
}
