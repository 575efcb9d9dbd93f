/** Files of the host: read with clear failures, written whole or not at all, with the owner and mode that are asked for. */
export { type FolderOptions, makeFolder } from './make-folder.ts';
export { type Owner, resolveOwner } from './owner.ts';
export { DEFAULT_MAX_BYTES, type ReadOptions, readHostFile, readHostText } from './read-file.ts';
export { type WriteOptions, writeFileAtomically } from './write-file.ts';
