import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Configuration } from './configuration.ts';

export type { Logger } from 'pino';

/** One JSON line an event with stable keys: `event` names it. Never a body, a secret or key material. */
export function createLogger(settings: Configuration['log'], stream: DestinationStream & { readonly isTTY?: boolean }): Logger {
  const isPretty = settings.format === 'pretty' || (settings.format === 'auto' && stream.isTTY === true);
  const destination = isPretty
    ? pretty({ destination: stream as never, sync: true, ignore: 'pid,hostname,event', messageFormat: '{event}' })
    : stream;
  return pino(
    {
      level: settings.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}
