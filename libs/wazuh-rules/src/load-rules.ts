import {
  decodeBytes,
  elementsBelow,
  encodeBytes,
  equalsIgnoringCase,
  isUtf8,
  readXml,
  type XmlElement,
  type XmlItem,
} from '@k8s-audit/wazuh-xml';
import { buildRule } from './build-rule.ts';
import { createFilePlaces, type FilePlaces } from './file-places.ts';
import { createRuleset, type GrowingRuleset } from './growing-ruleset.ts';
import type { LoadOptions, RuleFile } from './load-options.ts';
import type { LoadedRuleset } from './loaded-ruleset.ts';
import type { ProblemText, RuleProblem } from './problem.ts';
import { REFUSALS } from './refusals.ts';
import type { Report } from './rule-draft.ts';
import { readRule } from './rule-reader.ts';
import { TEMPLATE_FILE_NAME, TEMPLATE_FILE_TEXT } from './template-rules.ts';
import { TRAPS } from './traps.ts';
import { spacedNames } from './value-traps.ts';
import { applyVariables, type VariableSlip } from './xml-variables.ts';

/**
 * Loads rule files as wazuh-analysisd 4.14 does, in the order of their base names and below the template rules 1 to 7, which it
 * adds itself unless a file named 0010-rules_config.xml is among them. Whatever the files hold, it returns: what is wrong with
 * them stands in `problems`.
 */
export function loadRules(files: readonly RuleFile[], options: LoadOptions = {}): LoadedRuleset {
  const problems: RuleProblem[] = [];
  const log: string[] = [];
  const ruleset = createRuleset(options);
  let isRefused = false;
  for (const file of inLoadingOrder(files)) {
    const isReached = !isRefused;
    let isFileRefused = false;
    const tell = (text: ProblemText, places: FilePlaces, offset: number, ruleId: number | undefined): void => {
      const decoded = decodeText(text);
      problems.push({ ...decoded, ...places.at(offset), ...(ruleId === undefined ? {} : { ruleId }), reached: !isRefused });
      if (!isRefused) log.push(...decoded.logLines);
      if (text.severity === 'refuses-to-start') {
        isRefused = true;
        isFileRefused = true;
      }
    };
    loadFile(file, options, ruleset, tell);
    if (isFileRefused && isReached) log.push(`CRITICAL: (1220): Error loading the rules: '${file.name}'.`);
    if (isRefused && options.afterRefusal !== 'continue') break;
  }
  const { roots, outside, rules, silentProblems } = ruleset.finish();
  return { roots, outside, rules, problems: [...problems, ...silentProblems], log, exitCode: isRefused ? 1 : 0 };
}

type Tell = (text: ProblemText, places: FilePlaces, offset: number, ruleId: number | undefined) => void;

/** By base name, byte by byte; files of the same name in the order given. */
export function inLoadingOrder(files: readonly RuleFile[]): readonly RuleFile[] {
  const hasTemplates = files.some((file) => baseName(file.name) === TEMPLATE_FILE_NAME);
  const all = hasTemplates ? files : [{ name: `ruleset/rules/${TEMPLATE_FILE_NAME}`, text: TEMPLATE_FILE_TEXT }, ...files];
  return all
    .map((file) => ({ file, key: encodeBytes(baseName(file.name)) }))
    .sort((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key)))
    .map(({ file }) => file);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function loadFile(file: RuleFile, options: LoadOptions, ruleset: GrowingRuleset, tell: Tell): void {
  const bytes = encodeBytes(file.text);
  const name = encodeBytes(file.name);
  const places = createFilePlaces(file.name, bytes);
  const tellFile = (text: ProblemText, offset: number): void => tell(text, places, offset, undefined);
  if (!isUtf8(bytes)) tellFile(TRAPS.notUtf8(), 0);
  if (bytes.includes('\0')) tellFile(TRAPS.nulByte(), bytes.indexOf('\0'));
  const xml = readXml(bytes);
  if (xml.kind === 'broken') {
    tellFile(REFUSALS.brokenFile(name, xml.message, xml.line), xml.offset);
    return;
  }
  const { error, slips } = applyVariables(xml.items);
  for (const slip of slips) tellFile(slipText(slip), slip.item.offset);
  if (error !== undefined) {
    tellFile(REFUSALS.brokenVariables(name, error.message), error.item.offset);
    return;
  }
  if (bytes.length === 0) return;
  const groups = elementsBelow(xml.items, undefined);
  if (groups.length === 0) {
    tellFile(REFUSALS.noElements(name), 0);
    return;
  }
  const goesOn = options.afterRefusal === 'continue';
  // All groups are looked at before the first rule is read.
  const sound: XmlElement[] = [];
  for (const group of groups) {
    if (isGroup(group, tellFile)) sound.push(group);
    else if (!goesOn) return;
  }
  for (const group of sound) if (!loadGroup(group, xml.items, places, options, ruleset, tell)) return;
}

function slipText(slip: VariableSlip): ProblemText {
  if (slip.kind === 'too-short') return TRAPS.shortVariable(slip.name);
  return slip.kind === 'text-lost' ? TRAPS.textLostBeforeVariable(slip.name) : TRAPS.lateVariable(slip.name);
}

function isGroup(element: XmlElement, tell: (text: ProblemText, offset: number) => void): boolean {
  const [first, second] = element.attributes;
  if (!equalsIgnoringCase(element.name, 'group')) {
    tell(REFUSALS.wrongRoot(element.name), element.offset);
    return false;
  }
  if (first !== undefined && equalsIgnoringCase(first.name, 'name') && second === undefined) return true;
  tell(REFUSALS.wrongGroupAttributes(element.name), element.offset);
  return false;
}

/** False: Wazuh stops here. */
function loadGroup(
  group: XmlElement,
  items: readonly XmlItem[],
  places: FilePlaces,
  options: LoadOptions,
  ruleset: GrowingRuleset,
  tell: Tell,
): boolean {
  const goesOn = options.afterRefusal === 'continue';
  const rules = elementsBelow(items, group);
  if (rules.length === 0) {
    tell(REFUSALS.emptyGroup(group.name), places, group.offset, undefined);
    return goesOn;
  }
  if (group.lostText || /[^\s>]/.test(group.content)) tell(TRAPS.strayText('group'), places, group.offset, undefined);
  const groupName = group.attributes[0]?.value ?? '';
  for (const name of spacedNames(groupName)) tell(TRAPS.spacedGroup(name), places, group.offset, undefined);
  for (const [position, element] of rules.entries()) {
    const surroundings = { items, groupName, position, options, placeOfRule: ruleset.placeOfRule };
    const reportAt =
      (id: number | undefined): Report =>
      (text, offset = element.offset) =>
        tell(text, places, offset, id);
    const reading = readRule(element, surroundings, reportAt);
    if (reading.kind === 'refused') {
      if (reading.id !== undefined) ruleset.forgive(reading.id);
      if (!goesOn) return false;
    }
    if (reading.kind !== 'rule') continue;
    const { draft } = reading;
    const isAdded = ruleset.add(draft, buildRule(draft, places.at(draft.offset), options), reportAt(draft.id));
    if (!isAdded && !goesOn) return false;
  }
  return true;
}

/** Texts of the file are bytes in it; our own words have no letter between U+0080 and U+00FF. */
function decodeText(text: ProblemText): ProblemText {
  const decode = (part: string): string => part.replace(/[\u0080-\u00ff]+/g, decodeBytes);
  return { ...text, message: decode(text.message), hint: decode(text.hint), logLines: text.logLines.map(decode) };
}
