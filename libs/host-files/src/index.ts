/** Files of the host: read with clear failures, written whole or not at all, with the owner and mode that are asked for. */

export { Change, type OnStep } from './changes/change.ts';
export type { ChangeRecord } from './changes/change-record.ts';
export { type ChangeStore, type ChangeStoreOptions, hasChanges, interrupted, openChangeStore } from './changes/change-store.ts';
export { type FileState, isSameState, readFileState } from './changes/file-state.ts';
export type { ChangeState } from './changes/journal.ts';
export { type ChangePlan, type PlannedFile, planChanges, type WantedFile } from './changes/plan.ts';
export { type ChangedSince, type OwnPartsOut, planUndo, type UndonePath, type UndoPlan } from './changes/plan-undo.ts';
export { type FolderOptions, makeFolder } from './make-folder.ts';
export { type Owner, resolveOwner } from './owner.ts';
export { DEFAULT_MAX_BYTES, type ReadOptions, readHostFile, readHostText } from './read-file.ts';
export { requireFolder } from './require-folder.ts';
export { requireWritable } from './require-writable.ts';
export { type WriteOptions, writeFileAtomically } from './write-file.ts';
