import { Failure } from '@k8s-audit/failure';
import { DedupeWindow } from './dedupe-window.ts';
import { errorCode } from './file-system.ts';
import { ignore, type SpoolPlace } from './log-file.ts';
import { MissingPositions } from './missing-positions.ts';
import { Quarantine } from './quarantine.ts';
import { type RecoveredCursor, recoverCursor } from './recover-cursor.ts';
import { type RecoveredSegments, recoverSegments } from './recover-segments.ts';
import type { RecoveryTools } from './recovery-tools.ts';
import { type FoundFile, inspectFolder, markOpen, unusable } from './spool-folder.ts';
import type { SpoolSettings } from './spool-options.ts';

/** A spool as it was found, ready to go on. */
export interface RecoveredSpool {
  readonly place: SpoolPlace;
  readonly quarantine: Quarantine;
  readonly missing: MissingPositions;
  readonly dedupe: DedupeWindow;
  readonly cursor: RecoveredCursor;
  readonly segments: RecoveredSegments;
}

/**
 * From the folder's files to cursor, keys and segments: the recovery that spool.ts promises.
 *
 * @throws {Failure} `SPOOL_NEWER`, `SPOOL_UNUSABLE`
 */
export async function recoverSpool(settings: SpoolSettings): Promise<RecoveredSpool> {
  const { fileSystem, folder, clock, onEvent } = settings;
  const found = await inspectFolder(fileSystem, folder);
  const place: SpoolPlace = { fileSystem, folder, identity: found.identity, wallMs: clock.wallMs };
  const quarantine = new Quarantine(fileSystem, folder, settings.quarantineBytes);
  const missing = new MissingPositions();
  const tools: RecoveryTools = { place, quarantine, missing, tell: onEvent };
  try {
    await quarantine.open();
    for (const path of found.unfinished) await fileSystem.unlink(path).catch(ignore);
    const own: FoundFile[] = [];
    for (const file of found.files) if (await isOwn(file, settings.ownerId, tools)) own.push(file);

    const dedupe = new DedupeWindow({ ...settings.dedupe, nowMs: clock.monotonicMs });
    const cursor = await recoverCursor(
      own.filter((file) => file.kind === 'CURS'),
      (entry, writtenAtMs) => dedupe.restore(entry, clock.wallMs() - writtenAtMs),
      tools,
    );
    const segments = await recoverSegments(
      own.filter((file) => file.kind === 'SEGM'),
      cursor.known,
      tools,
    );
    // A file that was still being made says so too: whoever closes waits for it.
    if (found.isMarkedOpen || !cursor.wasClosed || !segments.wasClosed || found.unfinished.length > 0)
      onEvent({ kind: 'not-closed', cursor: cursor.known?.cursor ?? 0, appendedUpTo: segments.nextPosition - 1 });
    await markOpen(fileSystem, folder);
    return { place, quarantine, missing, dedupe, cursor, segments };
  } catch (error) {
    throw errorCode(error) === '' || error instanceof Failure ? error : unusable(folder, error);
  }
}

/** A damaged header alone makes no stranger: the frames behind it say whose the file is. What is a stranger's is moved away. */
async function isOwn(found: FoundFile, ownerId: number, tools: RecoveryTools): Promise<boolean> {
  const reason = strangeness(found, ownerId, tools.place);
  if (reason === undefined) return true;
  await tools.quarantine.setAside(found.path, found.status.bytes);
  tools.tell({ kind: 'foreign-file', file: found.name, reason });
  return false;
}

function strangeness({ header, status, kind, ordinal }: FoundFile, ownerId: number, { identity }: SpoolPlace): string | undefined {
  if (status.kind !== 'file') return 'no regular file';
  if (status.ownerId !== ownerId) return `belongs to user ${status.ownerId}`;
  if (header.kind === 'damaged') return undefined;
  const { header: own } = header;
  if (own.identity.marker !== identity.marker || own.identity.seed !== identity.seed) return 'of another spool';
  if (own.kind !== kind || own.ordinal !== ordinal) return `renamed: it was number ${own.ordinal}`;
  return undefined;
}
