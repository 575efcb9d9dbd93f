/** Wazuh’s own configuration: text in, text out. People's files are edited as text; nothing is written anew. */
export { type ArchiveSample, type ArchiveSize, estimateArchive } from './archive-size.ts';
export { CONFIG_CHECKS, type ConfigSight, configChecks, writesArchive } from './config-checks.ts';
export { type ContainerOptions, renderComposeOverride, renderContainerConfiguration, renderKustomization } from './containers.ts';
export { type GuideScript, type GuideSettings, parseGuideScript } from './guide/guide-script.ts';
export { GUIDE_UNIT, scriptOfUnit } from './guide/guide-unit.ts';
export { INDEX_TEMPLATE, INDEX_TEMPLATE_NAME } from './index-template.ts';
export { type OssecConf, type OssecConfChanges, readOssecConf, valuesAt } from './ossec-conf.ts';
export { patchFilebeat, readsArchives } from './patch-filebeat.ts';
export { patchOssecConf } from './patch-ossec-conf.ts';
export { INDEX_RETENTION_NAME, renderDiskRetention, renderIndexRetention } from './retention.ts';
export { ARCHIVE_OBJECTS, ARCHIVES_PATTERN, renderSavedObjects, type SavedObject } from './saved-objects.ts';
