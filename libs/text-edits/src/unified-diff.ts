import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** A unified diff as `diff -u` prints it; '' when nothing changes. An absent text is a file that is not there. */
export function unifiedDiff(path: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return '';
  const name = (prefix: string, text: string | undefined): string =>
    text === undefined ? '/dev/null' : `${prefix}/${path.replace(/^\//, '')}`;
  return createTwoFilesPatch(name('a', before), name('b', after), before ?? '', after ?? '', undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}
