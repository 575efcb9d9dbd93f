/** What an operator wants to know of a followed file. */
export type LogEvent =
  /** The file is not there, or may not be read; told once, until it is. */
  | { readonly kind: 'waiting'; readonly file: string; readonly code: string; readonly detail: string }
  /** Reading begins, or goes on, at this byte. */
  | { readonly kind: 'reading'; readonly file: string; readonly fromByte: number }
  /**
   * Lines may have been lost before they were read. `gone`: the file that was being read is not there any more, under no name.
   * `truncated`: it was emptied in place, and no copy of it is there. `unreadable`: a packed file breaks off.
   */
  | { readonly kind: 'gap'; readonly reason: 'gone' | 'truncated' | 'unreadable'; readonly file: string; readonly atByte: number }
  /** What was read could not be taken (a full disk, say): it stays in the file and is tried again. */
  | { readonly kind: 'refused'; readonly file: string; readonly detail: string }
  | { readonly kind: 'taken-again'; readonly file: string }
  /** How far was read could not be written down: after a restart some lines are read twice. */
  | { readonly kind: 'unsaved'; readonly file: string; readonly detail: string };
