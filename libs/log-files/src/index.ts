/** Log files that grow and are rotated, followed across restarts. */
export { type LogCheckpoint, parseCheckpoint, renderCheckpoint } from './checkpoint.ts';
export { type FollowedLog, type FollowOptions, followLog } from './follow-log.ts';
export type { LogEvent } from './log-event.ts';
