import { compareText } from '../go-text/compare.ts';

export interface FieldTerm {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** Terms of `metadata.name=x,spec.nodeName!=y` in Kubernetes' order; undefined when it cannot be read (apimachinery pkg/fields). */
export function parseFieldSelector(selector: string): readonly FieldTerm[] | undefined {
  const terms: FieldTerm[] = [];
  for (const part of splitTerms(selector).sort(compareText)) {
    if (part === '') continue;
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    const value = match === null ? undefined : unescapeValue(match[3] ?? '');
    if (match === null || value === undefined) return undefined;
    terms.push({ field: match[1] ?? '', equal: match[2] !== '!=', value });
  }
  return terms;
}

/** At commas that no backslash escapes. */
function splitTerms(selector: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let index = 0; index < selector.length; index++) {
    if (selector[index] === '\\') index++;
    else if (selector[index] === ',') {
      terms.push(selector.slice(start, index));
      start = index + 1;
    }
  }
  terms.push(selector.slice(start));
  return terms;
}

function unescapeValue(value: string): string | undefined {
  return /^(?:[^\\,=]|\\[\\,=])*$/.test(value) ? value.replace(/\\([\\,=])/g, '$1') : undefined;
}
