/**
 * `policy simulate` over a stream of generated events, as a process of its own: peak memory and rate for 100,000 events and for a million.
 * The smaller one is the baseline: what grows with the recording shows in the difference.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Bench } from './bench.ts';

const COMMAND = new URL('../../../apps/cli/src/main.ts', import.meta.url).pathname;
const BASELINE_EVENTS = 100_000;
const EVENTS = 1_000_000;
const CHUNK_EVENTS = 1_000;
const POLL_MS = 50;

interface Measured {
  readonly events: number;
  readonly seconds: number;
  readonly peakMegabytes: number;
}

export const benchSimulate: Bench = async () => {
  const baseline = await simulate(BASELINE_EVENTS);
  const million = await simulate(EVENTS);
  const ratio = million.peakMegabytes / baseline.peakMegabytes;
  const line = ({ events, seconds, peakMegabytes }: Measured): string =>
    `${events.toLocaleString('en').padStart(9)} events: peak ${peakMegabytes.toFixed(0)} MB, ${Math.round(events / seconds).toLocaleString('en')} events/s`;
  return {
    text: `policy simulate, against another policy, every user name and path its own\n${line(baseline)}\n${line(million)}\npeak of a million / of a tenth: ${ratio.toFixed(2)}`,
    figures: { baseline, million, ratio },
  };
};

async function simulate(events: number): Promise<Measured> {
  const startedMs = performance.now();
  const args = [COMMAND, 'policy', 'simulate', '--profile', 'recommended', '--against', 'profile:guide', '--events', '-', '-o', 'json'];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let peakMegabytes = 0;
  const poll = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid));
  }, POLL_MS);
  const output = text(child.stdout);
  for (let index = 0; index < events; index += CHUNK_EVENTS)
    if (!child.stdin.write(linesFrom(index, Math.min(CHUNK_EVENTS, events - index)))) await once(child.stdin, 'drain');
  child.stdin.end();
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(poll);
  const counted = code === 0 ? (JSON.parse(await output) as { readonly events: number }).events : undefined;
  if (counted !== events) throw new Error(`policy simulate ended with ${code} and counted ${counted} of ${events} events`);
  return { events, seconds: (performance.now() - startedMs) / 1000, peakMegabytes };
}

/** Linux keeps the high-water mark of resident memory; 0 once the process is gone. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}

/** The worst for whoever counts by user and by path: no two events are alike. */
function linesFrom(first: number, count: number): string {
  const lines = Array.from({ length: count }, (_, offset) => {
    const index = first + offset;
    const time = new Date(Date.UTC(2026, 0, 1) + index * 20).toISOString().replace('Z', '000Z');
    const isPath = index % 10 === 0;
    const uri = isPath ? `/probe/${index}` : `/api/v1/namespaces/team-${index % 5_000}/pods/web-${index}`;
    return JSON.stringify({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      stage: 'ResponseComplete',
      requestURI: uri,
      verb: 'get',
      user: { username: `user-${index}@example.com`, groups: ['dev', 'system:authenticated'] },
      sourceIPs: ['10.0.0.7'],
      userAgent: 'kubectl/v1.35.4 (linux/amd64) kubernetes/0000000',
      ...(isPath ? {} : { objectRef: { resource: 'pods', namespace: `team-${index % 5_000}`, name: `web-${index}`, apiVersion: 'v1' } }),
      responseStatus: { metadata: {}, code: 200 },
      requestReceivedTimestamp: time,
      stageTimestamp: time,
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    });
  });
  return `${lines.join('\n')}\n`;
}
