import { type FileHandle, open } from 'node:fs/promises';
import { TRACED_AUDIT_ID_PREFIX } from '@k8s-audit/audit-events';
import type { WrittenEntry } from './evidence.ts';

const READ_BYTES = 1024 * 1024;
const MARK = `"auditID":"${TRACED_AUDIT_ID_PREFIX}`;

interface Line {
  readonly timestamp: string;
  readonly rule?: { readonly id: string; readonly level: number; readonly description?: string };
  readonly data?: {
    readonly k8s?: { readonly auditID?: string; readonly stage?: string; readonly detections?: readonly string[] | string };
  };
}

/**
 * Traced events that Wazuh writes to alerts.json or archives.json from now on. What stands there already may be gigabytes, and is not read; nor is
 * what is no event of ours parsed. A file that begins anew (each day, or emptied) is read from its beginning.
 */
export class WrittenEntries {
  readonly #path: string;
  readonly #now: () => number;
  readonly #entries = new Map<string, WrittenEntry[]>();
  #file: FileHandle | undefined;
  #inode = 0;
  #offset: number;
  #rest = '';
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
    this.#offset = 0;
  }

  /** @throws what the file system says, where the file is there and may not be read */
  static async from(path: string, now: () => number): Promise<WrittenEntries> {
    const entries = new WrittenEntries(path, now);
    await entries.#open();
    entries.#offset = (await entries.#file?.stat())?.size ?? 0;
    return entries;
  }

  /** What was written of this audit ID until now, oldest first. */
  async of(auditId: string): Promise<readonly WrittenEntry[]> {
    // Several requests are followed at once, and the file is read once.
    const turn = this.#turn.then(() => this.#readOn());
    this.#turn = turn.catch(() => undefined);
    await turn;
    return this.#entries.get(auditId) ?? [];
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #readOn(): Promise<void> {
    await this.#readToEnd();
    const current = await open(this.#path, 'r').catch(() => undefined);
    if (current === undefined) return;
    const { ino, size } = await current.stat();
    if (ino === this.#inode && size >= this.#offset) return await current.close();
    // The old one to its end, then the new one: a line may have come in between.
    if (ino !== this.#inode) await this.#readToEnd();
    await this.#file?.close();
    [this.#file, this.#inode, this.#offset, this.#rest] = [current, ino, 0, ''];
    await this.#readToEnd();
  }

  async #open(): Promise<void> {
    try {
      this.#file = await open(this.#path, 'r');
      this.#inode = (await this.#file.stat()).ino;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  async #readToEnd(): Promise<void> {
    const buffer = Buffer.alloc(READ_BYTES);
    for (;;) {
      const { bytesRead } = (await this.#file?.read(buffer, 0, READ_BYTES, this.#offset)) ?? { bytesRead: 0 };
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      // latin1 keeps a character that is cut in two; what is looked for is ASCII.
      const lines = (this.#rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) if (line.includes(MARK)) this.#add(Buffer.from(line, 'latin1').toString('utf8'));
    }
  }

  #add(text: string): void {
    const line = JSON.parse(text) as Line;
    const { auditID, detections } = line.data?.k8s ?? {};
    if (auditID === undefined) return;
    const { id, level, description = '' } = line.rule ?? { id: '', level: 0 };
    const entry: WrittenEntry = {
      timestampMs: Date.parse(line.timestamp),
      seenAtMs: this.#now(),
      ...(id === '' ? {} : { rule: { id, level, description } }),
      detections: typeof detections === 'string' ? detections.split(',') : (detections ?? []),
    };
    this.#entries.set(auditID, [...(this.#entries.get(auditID) ?? []), entry]);
  }
}
