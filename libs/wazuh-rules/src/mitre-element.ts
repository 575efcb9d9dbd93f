import { elementsBelow, equalsIgnoringCase, type XmlElement, type XmlItem } from '@k8s-audit/wazuh-xml';
import { OMISSIONS } from './omissions.ts';
import type { ProblemText } from './problem.ts';
import type { Report, RuleDraft } from './rule-draft.ts';
import { TRAPS } from './traps.ts';

/** Reads one `<mitre>` block into the draft. A faulty block is discarded as a whole; none is ever fatal. */
export function readMitre(items: readonly XmlItem[], element: XmlElement, draft: RuleDraft, report: Report): void {
  const children = elementsBelow(items, element);
  const tell = (text: ProblemText): void => report(text, element.offset);
  if (children.length === 0) tell(OMISSIONS.emptyMitre(draft.id));
  else if (areChildrenSound(children, draft, report)) readBlock(children, draft, tell);
}

function readBlock(children: readonly XmlElement[], draft: RuleDraft, tell: (text: ProblemText) => void): void {
  const texts = (name: string): readonly string[] =>
    children.filter((child) => equalsIgnoringCase(child.name, name)).map((child) => child.content);
  const ids = texts('id');
  const tactics = texts('tacticID');
  const techniques = texts('techniqueID');
  if (ids.length === 0) readPair(tactics, techniques, draft, tell);
  else if (tactics.length + techniques.length === 0) readIds(ids, draft, tell);
  else
    tell(
      OMISSIONS.mixedMitre(`Rule '${draft.id}' combined old and new Mitre formats in the same block. The Mitre block will be discarded.`),
    );
}

function readPair(tactics: readonly string[], techniques: readonly string[], draft: RuleDraft, tell: (text: ProblemText) => void): void {
  const fault = faultOfPair(tactics.length, techniques.length, draft.id);
  if (fault !== undefined) {
    tell(OMISSIONS.mixedMitre(fault));
    return;
  }
  if (draft.mitreForm === 'ids') tell(OMISSIONS.mixedMitre(discardsIds(draft.id)));
  draft.mitreIds = [];
  draft.mitreForm = 'pairs';
  const [tacticId = '', techniqueId = ''] = [tactics[0], techniques[0]];
  if (!draft.mitrePairs.some((pair) => pair.tacticId === tacticId && pair.techniqueId === techniqueId))
    draft.mitrePairs.push({ tacticId, techniqueId });
  warnOfShape([techniqueId], tell);
}

function readIds(ids: readonly string[], draft: RuleDraft, tell: (text: ProblemText) => void): void {
  if (draft.mitreForm === 'pairs') {
    tell(OMISSIONS.mixedMitre(discardsIds(draft.id)));
    return;
  }
  draft.mitreForm = 'ids';
  for (const id of ids) if (!draft.mitreIds.includes(id)) draft.mitreIds.push(id);
  warnOfShape(ids, tell);
}

function areChildrenSound(children: readonly XmlElement[], draft: RuleDraft, report: Report): boolean {
  let isSound = true;
  for (const child of children) {
    const isTactic = equalsIgnoringCase(child.name, 'tacticID');
    const isKnown = isTactic || equalsIgnoringCase(child.name, 'id') || equalsIgnoringCase(child.name, 'techniqueID');
    if (isKnown && child.content !== '') continue;
    isSound = false;
    report(
      isKnown ? OMISSIONS.noMitreId(isTactic ? 'Tactic' : 'Technique', draft.id) : OMISSIONS.unknownMitreElement(child.name, draft.id),
      child.offset,
    );
  }
  return isSound;
}

function faultOfPair(tactics: number, techniques: number, id: number): string | undefined {
  if (techniques === 0) return `Mitre techniqueID should be defined in rule '${id}'`;
  if (tactics === 0) return `Mitre tacticID should be defined in rule '${id}'`;
  if (tactics > 1 || techniques > 1)
    return `In rule '${id}' is not allowed to join more than one Mitre techniqueID or tacticID in the same block. The Mitre block will be discarded.`;
  return undefined;
}

function discardsIds(id: number): string {
  return `Rule '${id}' combined old and new Mitre formats, the old Mitre Technique format will be discarded.`;
}

function warnOfShape(ids: readonly string[], tell: (text: ProblemText) => void): void {
  for (const id of ids) if (!/^T\d{4}(?:\.\d{3})?$/.test(id)) tell(TRAPS.mitreShape(id));
}
