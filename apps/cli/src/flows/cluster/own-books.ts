import { request } from 'node:https';
import { json } from 'node:stream/consumers';

export interface OwnBooks {
  readonly cluster: string;
  readonly apiServers: readonly {
    readonly apiServer: string;
    readonly received: number;
    readonly lastReceivedAt?: string;
    readonly lagMs?: number;
  }[];
}

export type BooksAnswer = { readonly kind: 'books'; readonly books: OwnBooks } | { readonly kind: 'refused'; readonly reason: string };

export interface ReceiverClient {
  readonly host: string;
  readonly port: number;
  readonly tlsServerName?: string;
  readonly authorityPem: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

const TIMEOUT_MS = 5_000;

/** Asks the receiver what it has of a cluster, the way that an API server takes: same address, same authority, same certificate. */
export async function askOwnBooks(client: ReceiverClient, cluster: string, apiServer?: string): Promise<BooksAnswer> {
  const path = `/${cluster}${apiServer === undefined ? '' : `/${apiServer}`}`;
  return await new Promise((resolve) => {
    const refused = (reason: string): void => resolve({ kind: 'refused', reason });
    const sent = request(
      {
        host: client.host,
        port: client.port,
        path,
        method: 'GET',
        agent: false,
        timeout: TIMEOUT_MS,
        ca: client.authorityPem,
        cert: client.certificatePem,
        key: client.keyPem,
        ...(client.tlsServerName === undefined ? {} : { servername: client.tlsServerName }),
      },
      (response) => {
        json(response).then(
          (body) => {
            if (response.statusCode === 200) resolve({ kind: 'books', books: body as OwnBooks });
            else refused(`it answers ${response.statusCode}: ${(body as { message?: string }).message ?? ''}`);
          },
          () => refused(`it answers ${response.statusCode}, and not as a receiver does`),
        );
      },
    );
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)));
    sent.once('error', (error: NodeJS.ErrnoException) =>
      refused(error.code === undefined ? error.message : `${error.code}: ${error.message}`),
    );
    sent.end();
  });
}

export function receivedOf({ apiServers }: OwnBooks, apiServer: string): number {
  return apiServers.find((each) => each.apiServer === apiServer)?.received ?? 0;
}
