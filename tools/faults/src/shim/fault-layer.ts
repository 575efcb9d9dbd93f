import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';

/** What a system call is about; the same order as `enum point` in fault-layer.c. */
export const POINTS = [
  'segment-write',
  'segment-datasync',
  'segment-truncate',
  'segment-unlink',
  'cursor-write',
  'cursor-datasync',
  'cursor-truncate',
  'cursor-unlink',
  'spare-write',
  'spare-datasync',
  'spare-rename',
  'folder-sync',
  'body-read',
  'answer-write',
  'datagram-send',
  'quarantine-write',
  'spare-open',
] as const;

export type Point = (typeof POINTS)[number];
export const MOMENTS = ['before', 'middle', 'after'] as const;
export type Moment = (typeof MOMENTS)[number];

/** errno of Linux; x64 and arm64 */
export const ERRNO = { EIO: 5, ENOSPC: 28, EROFS: 30, EDQUOT: 122 } as const;

/** The layer's own compiled file, built once per process by gcc. */
let library: string | undefined;

/** @throws {Failure} FAULT_LAYER_UNUSABLE when there is no C compiler, or it refuses */
export function faultLibrary(): string {
  if (library !== undefined) return library;
  const folder = mkdtempSync(join(tmpdir(), 'k8s-audit-fault-layer-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const target = join(folder, 'fault-layer.so');
  const source = join(import.meta.dirname, 'fault-layer.c');
  const run = spawnSync('gcc', ['-shared', '-fPIC', '-O2', '-Wall', '-o', target, source, '-ldl', '-lpthread'], {
    encoding: 'utf8',
  });
  if (run.error !== undefined || run.status !== 0)
    throw new Failure('FAULT_LAYER_UNUSABLE', `the fault layer cannot be built: ${run.error?.message ?? run.stderr}`, {
      hint: 'install a C compiler: apt-get install gcc libc6-dev',
    });
  library = target;
  return target;
}

/** Offsets in `struct control`. */
const AT = {
  killPoint: 0,
  killMoment: 4,
  countdown: 8,
  killed: 12,
  clockOffset: 16,
  failErrno: 24,
  failLeft: 152,
  inProgress: 280,
  seen: 408,
};
const CONTROL_BYTES = 536;

/** The page that the layer and this process share: what is to happen, and what was seen. Outlives the process under test. */
export class FaultControl {
  readonly file: string;
  readonly #fd: number;

  constructor(file: string) {
    this.file = file;
    this.#fd = openSync(file, existsSync(file) ? 'r+' : 'w+', 0o600);
    this.reset();
  }

  /** As if nothing had been asked for. */
  reset(): void {
    const empty = Buffer.alloc(CONTROL_BYTES);
    empty.writeInt32LE(-1, AT.killPoint);
    writeSync(this.#fd, empty, 0, CONTROL_BYTES, 0);
  }

  /** The process dies at the n-th time from now that it comes to the point. */
  killAt(point: Point, moment: Moment, nth: number): void {
    this.#write(AT.killPoint, -1);
    this.#write(AT.killMoment, MOMENTS.indexOf(moment));
    this.#write(AT.countdown, nth);
    this.#write(AT.killPoint, POINTS.indexOf(point));
  }

  failAt(point: Point, errno: number, times = -1): void {
    this.#write(AT.failErrno + 4 * POINTS.indexOf(point), errno);
    this.#write(AT.failLeft + 4 * POINTS.indexOf(point), times);
  }

  moveClock(seconds: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(Math.round(seconds)));
    writeSync(this.#fd, bytes, 0, 8, AT.clockOffset);
  }

  get hasKilled(): boolean {
    return this.#read(AT.killed) === 1;
  }

  /** How often the process has come to the point. */
  seen(point: Point): number {
    return this.#read(AT.seen + 4 * POINTS.indexOf(point));
  }

  /** Points in whose midst the process is, or was when it died. */
  inProgress(): readonly Point[] {
    return POINTS.filter((_, index) => this.#read(AT.inProgress + 4 * index) > 0);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(offset: number): number {
    const bytes = Buffer.alloc(4);
    readSync(this.#fd, bytes, 0, 4, offset);
    return bytes.readInt32LE();
  }

  #write(offset: number, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    writeSync(this.#fd, bytes, 0, 4, offset);
  }
}

/** The environment of a process with the layer below it. */
export function faultEnvironment(options: {
  readonly control: string;
  readonly folder: string;
  readonly journal?: string;
}): NodeJS.ProcessEnv {
  return {
    LD_PRELOAD: faultLibrary(),
    UV_USE_IO_URING: '0',
    FAULT_CONTROL: options.control,
    FAULT_FOLDER: options.folder,
    ...(options.journal === undefined ? {} : { FAULT_JOURNAL: options.journal }),
  };
}
