/** A stand-in for wazuh-analysisd on a machine without Wazuh: the same rules, files, and control sockets. */
export { type EmbeddedWazuh, openEmbeddedWazuh } from './embedded-wazuh.ts';
export { homeAt, type WazuhHome } from './home.ts';
export type { FileProblem } from './line-file.ts';
export { createLogtestSessions, type LogtestOptions, type LogtestSessions } from './logtest-sessions.ts';
export type { EmbeddedEvent, EmbeddedWazuhOptions } from './options.ts';
export type { EmbeddedStatistics } from './statistics.ts';
