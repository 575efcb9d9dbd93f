import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  clusterCertificate,
  parseLastBooks,
  type ReceiverBooks,
  receiverCertificate,
  receiverConfiguration,
  receiverRun,
} from './product.ts';
import type { Product, ProductService } from './product-process.ts';
import type { RunningReceiver } from './scenario.ts';

/** It finishes the requests that it has begun and delivers what it can. */
const STOP_GRACE_MS = 60_000;

export interface ReceiverOptions {
  readonly product: Product;
  readonly folder: string;
  readonly certificateFolder: string;
  readonly host: string;
  readonly listenAddress: string;
  readonly socketPath: string;
  readonly logs: readonly { readonly path: string; readonly cluster: string; readonly apiServer: string }[];
}

export interface StoppableReceiver extends RunningReceiver {
  /** Stops it in order; returns the books that it printed last, and what is to be complained about. */
  stop(): Promise<{ readonly books: ReceiverBooks; readonly complaints: readonly string[] }>;
}

/** Starts the product's receiver on free ports, between an API server and the socket of a back end. */
export async function startReceiver({
  product,
  folder,
  certificateFolder,
  host,
  listenAddress,
  socketPath,
  logs,
}: ReceiverOptions): Promise<StoppableReceiver> {
  const configurationFile = join(folder, 'receiver.yaml');
  const certificate = receiverCertificate(certificateFolder);
  let starts = 0;
  async function begin(port: number): Promise<ProductService> {
    writeFileSync(
      configurationFile,
      receiverConfiguration({ certificate, listenAddress, port, spoolFolder: join(folder, 'spool'), socketPath, logs }),
    );
    return await product.start('receiver', receiverRun(configurationFile), join(folder, 'logs', `receiver-${++starts}.log`));
  }
  let service = await begin(0);
  const port = Number(new URL(String(service.ready['url'])).port);
  return {
    url: `https://${host}:${port}`,
    host,
    get admin() {
      return String(service.ready['admin']);
    },
    certificate: (cluster) => clusterCertificate(certificateFolder, cluster),
    async books() {
      const response = await fetch(new URL('/books', String(service.ready['admin'])));
      return (await response.json()) as ReceiverBooks;
    },
    async kill() {
      await service.process.kill();
    },
    async startAgain() {
      service = await begin(port);
    },
    async stop() {
      const { process } = service;
      const { code, killed } = await process.stop(STOP_GRACE_MS);
      const books = parseLastBooks(readFileSync(process.logFile, 'utf8'));
      if (killed) return { books, complaints: ['the receiver had to be killed'] };
      return { books, complaints: code === 0 ? [] : [`the receiver ended with ${code}: ${process.tail(5)}`] };
    },
  };
}
