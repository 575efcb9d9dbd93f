import { createServer, type Server } from 'node:http';
import type { SpoolUsage } from '@k8s-audit/spool';
import express from 'express';
import type { Registry } from 'prom-client';
import type { BooksSnapshot } from './books.ts';
import type { Refusals } from './refusals.ts';

export interface AdminSource {
  /** Empty when the receiver can take events; else why not, a sentence each. */
  readonly whyNotReady: () => readonly string[];
  readonly books: () => BooksSnapshot;
  readonly spool: () => SpoolUsage;
  readonly refusals: Refusals;
  readonly metrics: Registry;
}

/**
 * Health, metrics and books for operators: plain HTTP, apart from the data port, on loopback or a unix socket.
 * It answers questions and changes nothing.
 */
export function createAdminListener(source: AdminSource): Server {
  const app = express();
  app.disable('x-powered-by');
  app.get('/livez', (_request, response) => void response.type('text').send('ok\n'));
  app.get('/readyz', (_request, response) => {
    const reasons = source.whyNotReady();
    response
      .status(reasons.length === 0 ? 200 : 503)
      .type('text')
      .send(`${reasons.length === 0 ? 'ok' : reasons.join('\n')}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    response.type(source.metrics.contentType).send(await source.metrics.metrics());
  });
  app.get(
    '/books',
    (_request, response) => void response.json({ ...source.books(), spool: source.spool(), refusals: source.refusals.snapshot() }),
  );
  app.use(
    (_request, response) =>
      void response.status(404).json({ code: 'unknown-path', message: 'there are /livez, /readyz, /metrics and /books' }),
  );
  return createServer(app);
}
