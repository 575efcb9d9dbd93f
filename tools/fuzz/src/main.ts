/** `npm run fuzz -- [TARGET] [--seconds N] [--seed N]`: longer random runs than `npm test` allows. A failure names its seed. */
import { parseArgs } from 'node:util';
import type { Target } from './target.ts';

/** Loaded when it is asked for: one target must not need what another one needs. */
const TARGETS: Readonly<Record<string, () => Promise<Target>>> = {
  events: async () => (await import('./events.ts')).fuzzEvents,
  policies: async () => (await import('./policies.ts')).fuzzPolicies,
  loader: async () => (await import('./loader.ts')).fuzzLoader,
  decoder: async () => (await import('./decoder.ts')).fuzzDecoder,
  engine: async () => (await import('./engine.ts')).fuzzEngine,
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
const [name] = positionals;
const seconds = Number(values.seconds ?? '20');
const seed = Number(values.seed ?? Date.now() % 0x7fffffff);
const chosen = Object.entries(TARGETS).filter(([target]) => name === undefined || target === name);
if (chosen.length === 0 || !(seconds > 0) || !Number.isInteger(seed)) {
  console.error(`usage: npm run fuzz -- [TARGET] [--seconds N] [--seed N]\ntargets: ${Object.keys(TARGETS).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const [target, load] of chosen) {
    console.log(`${target}: ${seconds} s, seed ${seed}`);
    console.log(await (await load())({ milliseconds: seconds * 1_000, seed }));
  }
}
