/** Stand-ins for a Wazuh server: its files as packages lay them, and its API as recorded. */
export { type IndexerStandIn, startIndexerStandIn } from './indexer-stand-in.ts';
export { type ManagerApiStandIn, startManagerApiStandIn } from './manager-api-stand-in.ts';
export { type GuideOptions, placeGuide, USER_RULE } from './place-guide.ts';
export { createWazuhTree, type WazuhTree, type WazuhTreeOptions } from './wazuh-tree.ts';
