import { openQueueReader, type QueueReader } from '@k8s-audit/wazuh-queue';

/** Where Wazuh's queue socket would be: hands every datagram to the oracle, and can stop reading or go away. */
export class Sink {
  /** A row that has a daemon of its own puts it elsewhere. */
  socketPath: string;
  readonly #onDatagram: (datagram: Uint8Array) => void;
  #reader: QueueReader | undefined;
  #resume: (() => void) | undefined;
  #paused: Promise<void> | undefined;
  /** Per second; unlimited when undefined. */
  drainPerSecond: number | undefined;

  constructor(socketPath: string, onDatagram: (datagram: Uint8Array) => void) {
    this.socketPath = socketPath;
    this.#onDatagram = onDatagram;
  }

  async open(): Promise<void> {
    this.#reader = await openQueueReader({ socketPath: this.socketPath, onMessages: (messages) => this.#take(messages) });
  }

  /** Reads nothing any more: the kernel's queue fills, and senders wait. */
  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#resume?.();
    this.#paused = undefined;
    this.#resume = undefined;
  }

  /** Takes what is queued, and removes the socket: an orderly end. */
  async close(): Promise<void> {
    this.resume();
    await this.#reader?.close();
    this.#reader = undefined;
  }

  async #take(messages: readonly Uint8Array[]): Promise<void> {
    await this.#paused;
    for (const message of messages) this.#onDatagram(message);
    if (this.drainPerSecond !== undefined)
      await new Promise((resolve) => setTimeout(resolve, (messages.length * 1_000) / (this.drainPerSecond as number)));
  }
}
