import { unifiedDiff } from '@k8s-audit/text-edits';

/**
 * A unified diff for a terminal: what goes is red, what comes is green. A file is somebody else's text: its control characters are shown,
 * never sent to the terminal.
 */
export function renderDiff(path: string, before: string | undefined, after: string | undefined, colour: boolean): string {
  const lines = unifiedDiff(path, before, after).split('\n').map(visible);
  return lines.map((line) => (colour ? paint(line) : line)).join('\n');
}

function paint(line: string): string {
  const code = /^(---|\+\+\+) /.test(line)
    ? 1
    : line.startsWith('@@')
      ? 36
      : line.startsWith('-')
        ? 31
        : line.startsWith('+')
          ? 32
          : undefined;
  return code === undefined ? line : `\x1b[${code}m${line}\x1b[0m`;
}

function visible(line: string): string {
  return [...line.replace(/\r$/, '')]
    .map((each) => ((each < ' ' && each !== '\t') || (each >= '\x7f' && each < '\xa0') ? '�' : each))
    .join('');
}
