import { readFileSync } from 'node:fs';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { CertificateFiles } from './product.ts';

/** What came of a POST: an HTTP answer, or none because TLS or the connection ended before. */
export type PostOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'cut'; readonly code: string };

const TIMEOUT_MS = 20_000;

/** Posts a body as an API server does. Without a certificate of its own it is nobody; over `http:` it does not even speak TLS. */
export function postAudit(
  url: string,
  body: string,
  tls: Pick<CertificateFiles, 'authority'> & Partial<CertificateFiles>,
): Promise<PostOutcome> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const common: RequestOptions = { method: 'POST', agent: false, headers, timeout: TIMEOUT_MS };
  const secrets =
    tls.certificate === undefined || tls.key === undefined ? {} : { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) };
  return new Promise((resolve) => {
    const outgoing = url.startsWith('https:')
      ? httpsRequest(url, { ...common, ca: readFileSync(tls.authority), ...secrets })
      : httpRequest(url, common);
    outgoing.on('response', (response) => {
      text(response).then(
        (said) => resolve({ kind: 'answered', status: response.statusCode ?? 0, body: said }),
        (error: NodeJS.ErrnoException) => resolve({ kind: 'cut', code: error.code ?? error.message }),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve({ kind: 'cut', code: error.code ?? error.message }));
    outgoing.end(body);
  });
}
