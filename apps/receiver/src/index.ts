/** What the documentation is made from. The receiver itself is a program: `main.ts`. */
export { Books } from './books.ts';
export { BytesInFlight } from './bytes-in-flight.ts';
export { configurationReference } from './configuration-reference.ts';
export { FaultCounts } from './fault-counts.ts';
export { createMetrics } from './metrics.ts';
export { Refusals } from './refusals.ts';
