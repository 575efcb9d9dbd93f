import type { LogKind } from './format.ts';
import { createLogFile, ignore, type LogFile, type SpoolPlace } from './log-file.ts';

/**
 * The next file, made ahead of time, so that moving on to it costs nothing and does not depend on the disk having
 * space at that moment. At most one is held ready.
 */
export class FileSupply {
  readonly #place: SpoolPlace;
  readonly #kind: LogKind;
  readonly #fileBytes: number;
  #nextOrdinal: number;
  #ready: LogFile | undefined;
  #making: Promise<LogFile> | undefined;

  /** @param ready an empty file that an earlier process left */
  constructor(
    place: SpoolPlace,
    kind: LogKind,
    options: { readonly fileBytes: number; readonly nextOrdinal: number; readonly ready?: LogFile | undefined },
  ) {
    this.#place = place;
    this.#kind = kind;
    this.#fileBytes = options.fileBytes;
    this.#nextOrdinal = options.nextOrdinal;
    this.#ready = options.ready;
  }

  /** Bytes on disk of the file that is ready or being made. */
  get heldBytes(): number {
    return this.#ready?.bytes ?? (this.#making === undefined ? 0 : this.#fileBytes);
  }

  get hasSpare(): boolean {
    return this.#ready !== undefined || this.#making !== undefined;
  }

  /** Starts to make the next file. An error is left for `take`, which tries again. */
  prepare(): void {
    if (this.hasSpare) return;
    this.#making = createLogFile(this.#place, this.#kind, this.#nextOrdinal++, this.#fileBytes);
    this.#making.then(
      (file) => {
        this.#ready = file;
        this.#making = undefined;
      },
      () => {
        this.#making = undefined;
      },
    );
  }

  /** The next file; rejects with the disk's error when it cannot be made. */
  async take(): Promise<LogFile> {
    await this.#making?.catch(ignore);
    const file = this.#ready ?? (await createLogFile(this.#place, this.#kind, this.#nextOrdinal++, this.#fileBytes));
    this.#ready = undefined;
    return file;
  }

  /** The spare stays on disk for the next process. */
  async close(): Promise<void> {
    await this.#making?.catch(ignore);
    await this.#ready?.file.close().catch(ignore);
    this.#ready = undefined;
  }
}
