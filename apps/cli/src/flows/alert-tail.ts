import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;
const READ_BYTES = 256 * 1024;

/** An alert document of Wazuh, with the parts that a person reads first. */
export interface Alert {
  readonly timestamp: string;
  readonly rule: { readonly id: string; readonly level: number; readonly description: string };
  readonly agent: { readonly id: string; readonly name: string };
  readonly data?: { readonly srcip?: string; readonly k8s?: AlertFields };
  readonly location: string;
}

export interface AlertFields {
  readonly cluster?: string;
  readonly action?: string;
  readonly outcome?: string;
  readonly verb?: string;
  readonly requestURI?: string;
  readonly user?: { readonly username?: string };
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: string };
  readonly requestReceivedTimestamp?: string;
}

/**
 * Follows alerts.json from its beginning. Ends when `isOver` says so and everything written by then has been given out.
 * Wazuh flushes in blocks, so a line counts only when its newline is there.
 */
export async function* followAlerts(file: string, isOver: () => boolean): AsyncGenerator<Alert> {
  const handle = await openWhenThere(file, isOver);
  if (handle === undefined) return;
  const buffer = Buffer.alloc(READ_BYTES);
  let rest = Buffer.alloc(0);
  try {
    for (;;) {
      const wasOver = isOver();
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, null);
      if (bytesRead === 0) {
        if (wasOver) return;
        await sleep(POLL_MS);
        continue;
      }
      const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = text.lastIndexOf(0x0a) + 1;
      rest = text.subarray(end);
      for (const line of text.subarray(0, end).toString('utf8').split('\n')) if (line !== '') yield JSON.parse(line) as Alert;
    }
  } finally {
    await handle.close();
  }
}

async function openWhenThere(file: string, isOver: () => boolean): Promise<FileHandle | undefined> {
  for (;;) {
    const wasOver = isOver();
    try {
      return await open(file, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      if (wasOver) return undefined;
      await sleep(POLL_MS);
    }
  }
}
