import { describe, expect, it } from 'vitest';
import { readXml } from './xml-reader.ts';

/** `name=content` for each element, two spaces a level, attributes in brackets. */
function outline(text: string): readonly string[] | string {
  const file = readXml(text);
  if (file.kind === 'broken') return `${file.message} (line ${file.line})`;
  return file.items.map(({ kind, name, content, depth }) =>
    kind === 'attribute' ? `${'  '.repeat(depth)}[${name}=${content}]` : `${'  '.repeat(depth)}${name}=${content}`,
  );
}

describe('what OS_XML accepts', () => {
  it.each([
    ['several roots', '<a>1</a> <b>2</b>', ['a=1', 'b=2']],
    ['text around roots', 'x<a>1</a>y', ['a=1']],
    ['white space and line breaks in a value', '<a>\n 1\n</a>', ['a=\n 1\n']],
    ['single and double quotes', `<a x='"' y="'">1</a>`, ['a=1', `[x="]`, `[y=']`]],
    ['line breaks between attributes', '<a\n x="1"\n\ty="2"\n>1</a>', ['a=1', '[x=1]', '[y=2]']],
    ['space after the equals sign', '<a x= "1">1</a>', ['a=1', '[x=1]']],
    ['elements that close themselves', '<a><b/><c /><d x="1"/></a>', ['a=>', '  b=', '  c=', '  d=', '  [x=1]']],
    ['an escaped less-than', '<a>x\\<y</a>', ['a=x\\<y']],
    ['two backslashes before a closing tag', '<a>x\\\\</a>', ['a=x\\\\']],
    ['a less-than in an attribute', '<a x="<">1</a>', ['a=1', '[x=<]']],
    ['bare ampersands and greater-than', '<a>x > y & z</a>', ['a=x > y & z']],
    ['comments anywhere', '<!-- 0 --><a>1<!-- 2 -->3</a><!-- <b> -->', ['a=13']],
    ['comments that end in a bang', '<! x !><a>1</a>', ['a=1']],
    ['comments with dashes, greater-than, and three dashes at the end', '<!-- a -- b > c ---><a>1</a>', ['a=1']],
    ['odd names', '<a.b:c>1</a.b:c>', ['a.b:c=1']],
    ['the last piece of mixed text', '<a>x<b>1</b>y</a>', ['a=y', '  b=1']],
    ['nothing', '', []],
    ['nothing but text', 'hello', []],
  ])('%s', (_name, text, expected) => {
    expect(outline(text)).toEqual(expected);
  });

  it('keeps what is named var apart, in any case', () => {
    const file = readXml('<VAR name="x">1</VAR><a Var="2">3</a>');
    expect(file.kind === 'read' && file.items.map((item) => item.kind)).toEqual(['variable', 'attribute', 'element', 'variable']);
  });

  it('tells which text was lost before a child', () => {
    const file = readXml('<a>x<b>1</b><c /> <d>2</d></a><e> <f>3</f></e>');
    expect(file.kind === 'read' && file.items.filter((item) => item.lostText).map((item) => item.name)).toEqual(['a']);
  });

  it('counts the content of an element up to 20,479 bytes', () => {
    expect(outline(`<a>${'x'.repeat(20_479)}</a>`)).toHaveLength(1);
    expect(outline(`<a>${'x'.repeat(20_480)}</a>`)).toBe('XMLERR: String overflow. (line 1)');
  });

  it('reads 1,024 levels', () => {
    const nested = (levels: number): string => '<a>'.repeat(levels) + '</a>'.repeat(levels);
    expect(outline(nested(1023))).toHaveLength(1023);
    expect(outline(nested(1025))).toBe('XMLERR: Max recursion level reached (line 1)');
  });
});

describe('what OS_XML refuses', () => {
  it.each([
    ['<a>1', 'XMLERR: End of file and some elements were not closed. (line 1)'],
    ['<a>1</b>', "XMLERR: Element 'a' not closed. (line 1)"],
    ['<a>1</A>', "XMLERR: Element 'a' not closed. (line 1)"],
    ['</a>', 'XMLERR: Element not opened. (line 1)'],
    ['<a>x\\</a>', 'XMLERR: End of file and some elements were not closed. (line 1)'],
    ['\n<!-- x', 'XMLERR: Comment not closed. (line 2)'],
    ['<a x>1</a>', "XMLERR: Attribute 'x' has no value. (line 1)"],
    ['<a x y="1">1</a>', "XMLERR: Attribute 'x' has no value. (line 1)"],
    ['<a x=1>1</a>', `XMLERR: Attribute 'x' not followed by a " or '. (line 1)`],
    ['<a x="1" x="2">1</a>', "XMLERR: Attribute 'x' already defined. (line 1)"],
    ['<a x="1>2">3</a>', "XMLERR: Attribute 'x' not closed. (line 1)"],
    ['<a x="1"y="2">3</a>', "XMLERR: Bad attribute closing for 'x'='1'. (line 1)"],
    ['<a x="1', 'XMLERR: End of file while reading an attribute. (line 1)'],
  ])('%s', (text, expected) => {
    expect(outline(text)).toBe(expected);
  });

  it('a name or value of an attribute that fills the buffer', () => {
    const message = `XMLERR: Overflow attempt at attribute '${'x'.repeat(20)}'. (line 1)`;
    expect(outline(`<a ${'x'.repeat(20_481)}`)).toBe(message);
    expect(outline(`<a ${'x'.repeat(30)}="${'y'.repeat(20_481)}">1</a>`)).toBe(message);
  });

  it('attributes by the thousand, at which wazuh-analysisd runs out of stack', () => {
    const attributes = Array.from({ length: 1000 }, (_, index) => `a${index}="1"`).join(' ');
    expect(outline(`<x ${attributes}>1</x>`)).toContain('more than 200 attributes');
  });
});

it('tells where each element begins, where its text stands and where it ends', () => {
  const text = '<a>\n  <b x="1"> 2 </b><!-- <b>3</b> -->\n  <c/>\n</a>\n<d>4</d>';
  const file = readXml(text);
  const elements = file.kind === 'read' ? file.items.filter((item) => item.kind === 'element') : [];

  expect(elements.map(({ offset, endOffset }) => text.slice(offset, endOffset))).toEqual([
    text.slice(0, text.indexOf('\n<d>')),
    '<b x="1"> 2 </b>',
    '<c/>',
    '<d>4</d>',
  ]);
  expect(elements.map(({ closingOffset, endOffset }) => text.slice(closingOffset, endOffset))).toEqual(['</a>', '</b>', '', '</d>']);
});
