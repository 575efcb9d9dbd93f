/** A page, or a marked part of one, that is made from the code. */
export interface GeneratedPage {
  /** Relative to the root: `docs/reference/cli.md`. */
  readonly file: string;
  /** `part`: only what stands between the markers of the hand-written page is replaced. */
  readonly kind: 'whole' | 'part';
  readonly render: () => string | Promise<string>;
}

const BEGIN = '<!-- generated: npm run docs -->';
const END = '<!-- end of generated -->';

/** The page's text as it should be, given the text that is there (`undefined`: no file yet). */
export async function renderPage(page: GeneratedPage, current: string | undefined): Promise<string> {
  const rendered = `${(await page.render()).trim()}\n`;
  if (page.kind === 'whole') return rendered;
  const [begin, end] = [current?.indexOf(BEGIN) ?? -1, current?.indexOf(END) ?? -1];
  if (current === undefined || begin < 0 || end < begin) throw new Error(`${page.file} lacks the markers ${BEGIN} and ${END}`);
  return `${current.slice(0, begin + BEGIN.length)}\n${rendered}${current.slice(end)}`;
}
