import type { XmlElement, XmlItem } from '@k8s-audit/wazuh-xml';
import type { LoadOptions } from './load-options.ts';
import { OMISSIONS } from './omissions.ts';
import type { ProblemText } from './problem.ts';
import type { Report, RuleDraft } from './rule-draft.ts';
import { TRAPS } from './traps.ts';

/** `drop`: the rule is left out and its other elements are not read. `refuse`: wazuh-analysisd does not start. */
export type Step = 'next' | 'drop' | 'refuse';

export interface ElementContext {
  readonly items: readonly XmlItem[];
  readonly draft: RuleDraft;
  readonly options: LoadOptions;
  readonly report: Report;
}

export type ReadElement = (element: XmlElement, context: ElementContext) => Step;

export function refuse(context: ElementContext, element: XmlElement, text: ProblemText): Step {
  context.report(text, element.offset);
  return 'refuse';
}

/** loadmemory: repeats are glued together, and what is too long is lost, also what stood there before. */
export function append(previous: string | undefined, element: XmlElement, { report }: ElementContext): string | undefined {
  const text = element.content;
  // wazuh v4.14.7 src/headers/defs.h: OS_SIZE_2048; the first piece must be shorter, later ones may be as long.
  const isTooLong = previous === undefined ? text.length >= 2048 : previous.length > 2048 || text.length > 2048;
  if (!isTooLong) return (previous ?? '') + text;
  report(OMISSIONS.valueTooLong(shorten(text)), element.offset);
  return undefined;
}

/** As long as the line in Wazuh's log, which cuts it too. */
export function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Names of attributes that an element looks at; the others are ignored without a word. */
export function tellIgnoredAttributes(element: XmlElement, known: readonly string[], report: Report): void {
  for (const { name, offset } of element.attributes)
    if (!known.includes(name)) report(TRAPS.ignoredAttribute(name, element.name, known), offset);
}
