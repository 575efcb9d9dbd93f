import { hasChanges, openChangeStore } from '@k8s-audit/host-files';
import type { HostAction } from './host-actions.ts';
import type { Migration } from './migration/migration.ts';

/** What a change of an installation remembers for its undo, beside the bytes. */
export interface InstallRecord {
  readonly actions: readonly HostAction[];
  /** People's own files as we left them, by path: to tell our lines from others' later. */
  readonly edited: Readonly<Record<string, string>>;
  /** How the guide's receiver was taken over, as far as this change goes. */
  readonly migration?: Migration;
  /** It is a removal: `actions` are those that it takes back. */
  readonly takesBack?: true;
}

/**
 * How the guide's receiver was taken over here.
 *
 * @param changes the folder of an installation's change store
 * @returns undefined: it was not, or it was taken back
 */
export async function standingMigration(changes: string): Promise<Migration | undefined> {
  if (!(await hasChanges(changes))) return undefined;
  const store = await openChangeStore({ folder: changes });
  store.close();
  return store.standing
    .map(({ record }) => (record.data as InstallRecord | null)?.migration)
    .findLast((migration) => migration !== undefined);
}
