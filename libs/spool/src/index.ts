/** A durable queue on disk: an append that has resolved outlives SIGKILL and power loss. Format and promises: spool.ts. */
export { DedupeWindow, KEY_BYTES } from './dedupe-window.ts';
export { type InspectedFile, inspectSpool, type SpoolInspection } from './inspect-spool.ts';
export { openSpool, type Spool } from './spool.ts';
export type { DamageEvent, RegionCopy, SpoolEvent, SpoolLevel, Written } from './spool-events.ts';
export type { SpoolClock, SpoolOptions } from './spool-options.ts';
export type { NextOptions, SpoolRecord } from './spool-reader.ts';
export type { SpoolUsage } from './spool-usage.ts';
