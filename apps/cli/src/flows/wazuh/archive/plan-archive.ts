import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readHostFile, readHostText, type WantedFile } from '@k8s-audit/host-files';
import {
  ARCHIVE_OBJECTS,
  INDEX_RETENTION_NAME,
  INDEX_TEMPLATE,
  INDEX_TEMPLATE_NAME,
  patchFilebeat,
  patchOssecConf,
  renderDiskRetention,
  renderIndexRetention,
  renderSavedObjects,
} from '@k8s-audit/wazuh-config';
import { createIndexer, holds, type JsonObject, PLACES, type WazuhInstallation } from '@k8s-audit/wazuh-server';
import type { HostAction } from '../host-actions.ts';
import { belowRoot, hostPlaces } from '../host-places.ts';
import { describeKept, type KeptAccess, type KeptChange, openKept } from './kept-change.ts';

export interface ArchiveOptions {
  /** Kept on disk and in the index. */
  readonly days: number;
  /** Where template, retention and saved objects are sent; absent: files and commands for a person. */
  readonly servers?: { readonly indexer: string; readonly dashboard?: string; readonly access: KeptAccess };
}

export interface ArchivePlan {
  readonly files: readonly WantedFile[];
  readonly actions: readonly HostAction[];
  readonly notes: readonly string[];
}

/**
 * Wazuh's own archive, switched on: written (logall_json), sent (Filebeat), mapped (template), found (index pattern, saved search) and
 * limited in time (on disk, in the index).
 *
 * @throws Failure OSSEC_CONF_UNREADABLE, OSSEC_CONF_UNEXPECTED, FILEBEAT_UNEXPECTED, INDEXER_FAILED
 */
export async function planArchive(installation: WazuhInstallation, root: string, { days, servers }: ArchiveOptions): Promise<ArchivePlan> {
  const places = hostPlaces(root, installation.home);
  const conf = join(installation.home, PLACES.configuration);
  const ossec = await readHostFile(conf);
  const files: WantedFile[] = [
    { path: places.diskRetention, content: renderDiskRetention(belowRoot(root, installation.home), days) },
    { path: places.savedObjects, content: renderSavedObjects(ARCHIVE_OBJECTS) },
    { path: places.indexTemplate, content: `${JSON.stringify(INDEX_TEMPLATE, undefined, 2)}\n` },
    { path: places.indexRetention, content: `${JSON.stringify(renderIndexRetention(days), undefined, 2)}\n` },
    { path: conf, content: Buffer.from(patchOssecConf(ossec.toString('latin1'), { global: { logall_json: 'yes' } }), 'latin1') },
  ];
  if (existsSync(places.filebeat))
    files.push({ path: places.filebeat, content: patchFilebeat(await readHostText(places.filebeat), { archives: true }) });
  const restart = [['systemctl', 'restart', 'filebeat']];
  const filebeat: HostAction = { says: 'filebeat: read its configuration', run: restart, undo: restart, undoneAfterFiles: true };
  const isHere = root === '/';
  const { actions, notes } =
    servers === undefined ? { actions: [], notes: byHand(root, installation.home) } : await sendings(servers, days);
  // The template first: Filebeat begins to send when it is restarted.
  return { files, actions: [...actions, ...(isHere ? [filebeat] : [])], notes };
}

async function sendings(
  { indexer, dashboard, access }: NonNullable<ArchiveOptions['servers']>,
  days: number,
): Promise<Pick<ArchivePlan, 'actions' | 'notes'>> {
  const notes: string[] = [];
  const wanted: Omit<KeptChange, 'before'>[] = [
    { what: 'index-template', name: INDEX_TEMPLATE_NAME, url: indexer, after: INDEX_TEMPLATE as JsonObject },
  ];
  if (await createIndexer({ ...access, url: indexer }).canDeleteOldIndices())
    wanted.push({ what: 'index-retention', name: INDEX_RETENTION_NAME, url: indexer, after: renderIndexRetention(days) as JsonObject });
  else notes.push(`${indexer} has no Index State Management: nobody deletes old indices of the archive`);
  if (dashboard === undefined)
    notes.push('index pattern and saved search are not imported: give --dashboard URL, or import archive.ndjson by hand');
  else
    for (const object of ARCHIVE_OBJECTS)
      wanted.push({ what: 'saved-object', name: `${object.type}/${object.id}`, url: dashboard, after: { ...object } });
  const actions: HostAction[] = [];
  for (const each of wanted) {
    const before = await openKept(each, access).read();
    if (holds(before, each.after)) continue;
    const keeps: KeptChange = { ...each, ...(before === undefined ? {} : { before }) };
    const how = before === undefined ? 'new' : 'in the place of another, which comes back with the uninstall';
    actions.push({ says: `${describeKept(keeps)} (${how})`, run: [], undo: [], keeps });
  }
  return { actions, notes };
}

/** For who has no password of the indexer at hand, or keeps it from this machine. */
function byHand(root: string, home: string): readonly string[] {
  const { indexTemplate, indexRetention, savedObjects } = hostPlaces('/', belowRoot(root, home));
  const json = "-H 'content-type: application/json'";
  return [
    'the indexer was not named (--indexer URL): these put template, retention and saved objects in place by hand',
    `curl -u admin --cacert CA -X PUT https://INDEXER:9200/_template/${INDEX_TEMPLATE_NAME} ${json} -d @${indexTemplate}`,
    `curl -u admin --cacert CA -X PUT https://INDEXER:9200/_plugins/_ism/policies/${INDEX_RETENTION_NAME} ${json} -d @${indexRetention}`,
    `curl -u admin --cacert CA -X POST 'https://DASHBOARD/api/saved_objects/_import?overwrite=true' -H 'osd-xsrf: true' -F file=@${savedObjects}`,
  ];
}
