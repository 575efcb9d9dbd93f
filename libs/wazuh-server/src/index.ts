/** A Wazuh installation: what it is, and what can be asked of it, locally and by the manager's API. */
export type { AskDaemon } from './ask-daemon.ts';
export { createDashboard, type Dashboard } from './indexer/dashboard.ts';
export { createIndexer, type Indexer, type IndexerOptions } from './indexer/indexer.ts';
export { INDEXER_CHECKS, type IndexerSight, indexerChecks } from './indexer/indexer-checks.ts';
export { holds, type JsonObject, type Kept } from './indexer/kept.ts';
export { inspectInstallation, PLACES, type WazuhInstallation } from './installation.ts';
export { askLogtest, type LogtestVerdict } from './logtest.ts';
export { createManagerApi, type ManagerApi, type ManagerApiOptions } from './manager-api.ts';
export { type RulesReload, reloadRules } from './reload-rules.ts';
export { SERVER_CHECKS, type ServerSight, serverChecks } from './server-checks.ts';
export { canReloadRules, isAtLeast, isSupported, parseWazuhVersion, renderWazuhVersion, type WazuhVersion } from './version.ts';
