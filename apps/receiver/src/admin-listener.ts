import { createServer, type Server } from 'node:http';
import type { SpoolUsage } from '@k8s-audit/spool';
import express from 'express';
import type { Registry } from 'prom-client';
import type { BooksSnapshot } from './books.ts';
import type { EventTrace } from './event-trace.ts';
import type { Refusals } from './refusals.ts';
import type { SettingsInEffect } from './settings-in-effect.ts';

export interface AdminSource {
  /** False when only a new process can help. */
  readonly isAlive: () => boolean;
  /** Empty when the receiver can take events; else why not, a sentence each. */
  readonly whyNotReady: () => readonly string[];
  /** What an operator should know although events are taken, a sentence each. */
  readonly warnings: () => readonly string[];
  readonly books: () => BooksSnapshot;
  readonly spool: () => SpoolUsage;
  readonly refusals: Pick<Refusals, 'snapshot'>;
  readonly metrics: Registry;
  readonly settings: () => SettingsInEffect;
  readonly trace: Pick<EventTrace, 'of'>;
}

/**
 * Health, metrics and books for operators: plain HTTP, apart from the data port, on loopback or a unix socket.
 * It answers questions and changes nothing.
 */
export function createAdminListener(source: AdminSource): Server {
  const app = express();
  app.disable('x-powered-by');
  app.get('/livez', (_request, response) => {
    const alive = source.isAlive();
    response
      .status(alive ? 200 : 503)
      .type('text')
      .send(alive ? 'ok\n' : 'delivery stopped\n');
  });
  app.get('/readyz', (_request, response) => {
    const reasons = source.whyNotReady();
    const lines = [...(reasons.length === 0 ? ['ok'] : reasons), ...source.warnings().map((warning) => `warning: ${warning}`)];
    response
      .status(reasons.length === 0 ? 200 : 503)
      .type('text')
      .send(`${lines.join('\n')}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    response.type(source.metrics.contentType).send(await source.metrics.metrics());
  });
  app.get(
    '/books',
    (_request, response) => void response.json({ ...source.books(), spool: source.spool(), refusals: source.refusals.snapshot() }),
  );
  app.get('/config', (_request, response) => void response.json(source.settings()));
  app.get('/trace/:auditId', (request, response) => void response.json({ events: source.trace.of(request.params.auditId) }));
  app.use(
    (_request, response) =>
      void response
        .status(404)
        .json({ code: 'unknown-path', message: 'there are /livez, /readyz, /metrics, /books, /config and /trace/AUDIT-ID' }),
  );
  return createServer(app);
}
