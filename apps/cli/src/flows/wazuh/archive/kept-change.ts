import { createDashboard, createIndexer, holds, type IndexerOptions, type JsonObject, type Kept } from '@k8s-audit/wazuh-server';

/** One thing that an installation puts into an indexer or a dashboard, with what was there: all that its undo needs. */
export interface KeptChange {
  readonly what: 'index-template' | 'index-retention' | 'saved-object';
  /** Of a saved object `TYPE/ID`. */
  readonly name: string;
  /** Of the indexer, or of the dashboard for a saved object. */
  readonly url: string;
  /** Absent: there was none. */
  readonly before?: JsonObject;
  readonly after: JsonObject;
}

/** How these servers are spoken to; the address is the change's own. */
export type KeptAccess = Omit<IndexerOptions, 'url'>;

export function openKept({ what, name, url }: Pick<KeptChange, 'what' | 'name' | 'url'>, access: KeptAccess): Kept {
  const options = { ...access, url };
  if (what === 'index-template') return createIndexer(options).template(name);
  if (what === 'index-retention') return createIndexer(options).policy(name);
  const [type = '', ...id] = name.split('/');
  return createDashboard(options).savedObject(type, id.join('/'));
}

/**
 * What was there comes back, or it goes. What somebody has changed since is theirs, and stays.
 *
 * @returns why it was left; undefined: it is as before
 * @throws Failure INDEXER_FAILED
 */
export async function putBack(change: KeptChange, access: KeptAccess): Promise<string | undefined> {
  const kept = openKept(change, access);
  const current = await kept.read();
  const { before, after } = change;
  // Never written, or put back already.
  if (before === undefined ? current === undefined : holds(current, before) && !holds(current, after)) return undefined;
  if (current !== undefined && !holds(current, after)) return `${describeKept(change)} was changed since: left as it is`;
  await (before === undefined ? kept.remove() : kept.write(before));
  return undefined;
}

const WORDS: Readonly<Record<KeptChange['what'], string>> = {
  'index-template': 'index template',
  'index-retention': 'retention policy',
  'saved-object': 'saved object',
};

/** `index template k8s-audit in https://10.0.0.9:9200` */
export function describeKept({ what, name, url }: KeptChange): string {
  return `${WORDS[what]} ${name} in ${url}`;
}
