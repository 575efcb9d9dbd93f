import { setTimeout as sleep } from 'node:timers/promises';
import { accept } from '../flow.ts';
import type { Origin } from '../spool-record.ts';
import type { Source, SourceContext } from './source.ts';
import type { StdinSettings } from './sources-configuration.ts';

const LINE_FEED = 0x0a;
/** What a pipe cannot be asked for again is held until it is on disk; a longer line is cut here, and both parts are quarantined. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
const RETRY_MS = 1_000;

/** Standard input: events or EventLists, one a line, until it ends. A full disk makes whoever writes to us wait. */
export function openStdinSource(
  { cluster, apiServer }: StdinSettings,
  { intake, log, stdin }: Pick<SourceContext, 'intake' | 'log' | 'stdin'>,
): Source {
  const origin: Origin = { cluster, apiServer: apiServer ?? '-', source: 'log' };
  const stopping = new AbortController();
  let waiting: string | undefined;
  let held = 0;

  async function store(lines: readonly Buffer[]): Promise<void> {
    while (lines.length > 0) {
      try {
        const accepted = await accept(inOrder(lines), origin, intake);
        if (accepted.kind === 'stored' && accepted.quarantined > 0)
          log.warn({ event: 'odd-lines', cluster, apiServer: origin.apiServer, ...accepted });
        waiting = undefined;
        return;
      } catch (error) {
        if (waiting === undefined) log.warn({ event: 'stdin-refused', detail: (error as Error).message });
        waiting = (error as Error).message;
        if (stopping.signal.aborted) {
          log.warn({ event: 'stdin-lost', bytes: held });
          return;
        }
        await sleep(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined); // told to stop: one last try
      }
    }
  }

  async function readAll(): Promise<void> {
    let pending: Buffer[] = [];
    for await (const given of stdin) {
      const chunk = Buffer.from(given as Uint8Array | string);
      const end = chunk.lastIndexOf(LINE_FEED) + 1;
      held += chunk.length;
      if (end === 0 && held <= MAX_HELD_BYTES) {
        pending.push(chunk);
        continue;
      }
      const cut = end === 0 ? chunk.length : end;
      await store([...pending, chunk.subarray(0, cut), ...(end === 0 ? [Buffer.from([LINE_FEED])] : [])]);
      pending = cut < chunk.length ? [chunk.subarray(cut)] : [];
      held = chunk.length - cut;
      if (stopping.signal.aborted) return;
    }
    await store(pending.length > 0 ? [...pending, Buffer.from([LINE_FEED])] : []);
  }

  const ended = readAll().catch((error: Error) => {
    if (!stopping.signal.aborted) log.warn({ event: 'stdin-ended', detail: error.message });
  });
  return {
    ended,
    figures: () => ({ kind: 'stdin', name: '-', cluster, apiServer: origin.apiServer, lagBytes: held, gaps: 0, waiting }),
    async stop() {
      stopping.abort();
      (stdin as NodeJS.ReadableStream & { destroy?: () => void }).destroy?.();
      await ended;
    },
  };
}

async function* inOrder(lines: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* lines;
}
