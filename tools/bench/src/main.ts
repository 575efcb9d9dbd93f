/** `npm run bench -- NAME [--rounds N] [--seconds N] [--smoke] [--json FILE] [--plot FILE]`: benchmarks by name, each beside its baseline in one run. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';

/** Loaded when it is asked for: one bench must not need what another one needs. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  events: async () => (await import('./events-bench.ts')).benchEvents,
  queue: async () => (await import('./queue-bench.ts')).benchQueue,
  receiver: async () => (await import('./receiver/receiver-bench.ts')).benchReceiver,
  'rule-engine': async () => (await import('./rule-engine-bench.ts')).benchRuleEngine,
  simulate: async () => (await import('./simulate-bench.ts')).benchSimulate,
};

const DEFAULT_ROUNDS = 5;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    smoke: { type: 'boolean' },
    json: { type: 'string' },
    plot: { type: 'string' },
  },
});
const name = positionals[0] ?? '';
const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
const isSmoke = values.smoke === true;
const rounds = values.rounds === undefined ? (isSmoke ? 1 : DEFAULT_ROUNDS) : Number(values.rounds);
const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
if (load === undefined || !Number.isInteger(rounds) || rounds < 1 || (seconds !== undefined && !(seconds > 0))) {
  console.error(
    `usage: npm run bench -- NAME [--rounds N] [--seconds N] [--smoke] [--json FILE] [--plot FILE]\nnames: ${Object.keys(BENCHES).join(', ')}`,
  );
  process.exitCode = 2;
} else {
  const { text, figures, plot } = await (await load())({ rounds, isSmoke, seconds, onProgress: progressLine(process.stderr) });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(text);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ bench: name, rounds, ...figures }, null, 2)}\n`);
  if (values.plot !== undefined && plot !== undefined) writeFileSync(values.plot, plot);
  else if (values.plot !== undefined) console.error(`${name} draws nothing`);
}

/** One line that is written over on a terminal; in a log each on its own. */
function progressLine(stream: NodeJS.WriteStream): (line: string) => void {
  return (line) => void stream.write(stream.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}
