import { diffArrays } from 'diff';

/** A run of lines of one text in whose place another text has other lines; either run may be empty. */
export interface LineChange {
  /** Index of the first line, in each text. */
  readonly oldStart: number;
  readonly newStart: number;
  /** The lines with their line ends. */
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
}

/** Lines with their ends; a last line without one is a line too. The joined lines are the text. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** What has to be done to the old text's lines to get the new one's, in order. */
export function lineChanges(oldText: string, newText: string): LineChange[] {
  const changes: LineChange[] = [];
  let [oldAt, newAt] = [0, 0];
  let open: { oldStart: number; newStart: number; oldLines: string[]; newLines: string[] } | undefined;
  for (const { value, added, removed } of diffArrays(linesOf(oldText), linesOf(newText))) {
    if (!added && !removed) {
      open = undefined;
      oldAt += value.length;
      newAt += value.length;
      continue;
    }
    if (open === undefined) {
      open = { oldStart: oldAt, newStart: newAt, oldLines: [], newLines: [] };
      changes.push(open);
    }
    open[added ? 'newLines' : 'oldLines'].push(...value);
    if (added) newAt += value.length;
    else oldAt += value.length;
  }
  return changes;
}
