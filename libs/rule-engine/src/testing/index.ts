/** Patterns, rules and events that tests and the fuzz targets try the engine on. */
export { BAD_PATTERNS, type BadPattern } from './bad-patterns.ts';
export { randomEvent, randomRules } from './random-rules.ts';
