/** What the documentation is made from. The receiver itself is a program: `main.ts`. */
export { configurationReference } from './configuration-reference.ts';
export { documentedMetrics } from './documented-metrics.ts';
