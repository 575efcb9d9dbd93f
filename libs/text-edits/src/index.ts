/** Edits of people's texts: ranges in, text out; the diff that is shown before, and the way back after. Pure. */
export { type LineChange, lineChanges } from './line-changes.ts';
export { type TakenBack, takeBack } from './take-back.ts';
export { type TextEdit, withEdits } from './text-edit.ts';
export { unifiedDiff } from './unified-diff.ts';
