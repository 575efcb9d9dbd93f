import { equalsIgnoringCase, foldCase, isDigits, parseInt32, type XmlAttribute } from '@k8s-audit/wazuh-xml';
import { OMISSIONS } from './omissions.ts';
import { REFUSALS } from './refusals.ts';
import type { Report, RuleDraft } from './rule-draft.ts';
import { TRAPS } from './traps.ts';

/** Reads the attributes of a rule into its draft (wazuh v4.14.7 src/analysisd/rules.c, getattributes). False: Wazuh refuses the file. */
export function readRuleAttributes(attributes: readonly XmlAttribute[], draft: RuleDraft, report: Report): boolean {
  for (const attribute of attributes) {
    const read = ATTRIBUTES.get(foldCase(attribute.name));
    const wrong =
      read === undefined
        ? {
            sentence: `Invalid attribute "${attribute.name}". Only id, level, maxsize, accuracy, noalert, ignore, frequency and timeframe are allowed.`,
            hint: 'Delete the attribute; overwrite is allowed too.',
          }
        : read(attribute.value, draft, (text) => report(text, attribute.offset));
    if (wrong !== undefined) {
      report(REFUSALS.wrongAttribute(wrong.sentence, wrong.hint), attribute.offset);
      return false;
    }
  }
  return true;
}

interface Wrong {
  readonly sentence: string;
  readonly hint: string;
}

type ReadAttribute = (value: string, draft: RuleDraft, report: Report) => Wrong | undefined;

const ATTRIBUTES: ReadonlyMap<string, ReadAttribute> = new Map<string, ReadAttribute>(
  Object.entries<ReadAttribute>({
    id: (value, draft) => {
      if (!isDigits(value) || value.length > 6)
        return { sentence: `Invalid rule id: ${value}. Must be integer (max 6 digits)`, hint: 'Take an id from 100000 to 120000.' };
      if (value !== '') draft.id = Number(value);
      return undefined;
    },
    level: (value, draft) => {
      if (!isDigits(value)) return undefined;
      draft.level = parseInt32(value);
      if (draft.level >= 0 && draft.level <= 16) return undefined;
      return { sentence: `Invalid level: ${draft.level}. Must be an integer between 0 and 16.`, hint: 'Take a level from 0 to 16.' };
    },
    maxsize: (value, draft, report) =>
      readNumber(value, 4, `Invalid maxsize: ${value}. Must be integer`, 'maxsize', report, (number) => {
        draft.minBytes = number;
      }),
    timeframe: (value, draft, report) =>
      readNumber(value, 5, `Invalid timeframe: ${value}. Must be integer (max 5 digits)`, 'timeframe', report, (number) => {
        draft.timeframeSeconds = number;
      }),
    frequency: (value, draft) => {
      if (!isDigits(value)) return { sentence: `Invalid frequency: ${value}. Must be integer`, hint: 'Write a number from 2 to 9999.' };
      const frequency = parseInt32(value);
      if (frequency < 2 || frequency > 9999)
        return {
          sentence: `Invalid frequency: ${frequency}. Must be higher than 1 and lower than 10000.`,
          hint: 'Write a number from 2 to 9999: the rule fires on that event.',
        };
      draft.frequency = frequency;
      return undefined;
    },
    accuracy: (value, draft, report) =>
      readNumber(value, 4, `Invalid accuracy: ${value}. Must be integer`, 'accuracy', report, (number) => {
        draft.accuracy = number;
      }),
    ignore: (value, draft, report) =>
      readNumber(value, 6, `Invalid ignore_time: ${value}. Must be integer (max 6 digits)`, 'ignore', report, (number) => {
        draft.ignoreSeconds = number;
      }),
    noalert: (value, draft, report) => {
      if (value === '0' || value === '1') draft.noalert = value === '1';
      else report(OMISSIONS.badNoalert());
      return undefined;
    },
    overwrite: (value, draft) => {
      if (value !== 'yes' && value !== 'no')
        return { sentence: `Invalid overwrite: ${value}. Can only by 'yes' or 'no'.`, hint: 'Write overwrite="yes", in lower case.' };
      draft.overwrite = value === 'yes';
      return undefined;
    },
  }),
);

/** sscanf with a width: only so many digits are read, the rest is dropped without a word; no digit leaves the default. */
function readNumber(
  value: string,
  width: number,
  sentence: string,
  name: string,
  report: Report,
  store: (number: number) => void,
): Wrong | undefined {
  if (!isDigits(value)) return { sentence, hint: 'Write digits only.' };
  if (value === '') return undefined;
  const number = Number(value.slice(0, width));
  if (value.length > width && number !== Number(value)) report(TRAPS.numberCut(name, value, number));
  store(number);
  return undefined;
}

/** Whether an attribute of this name, in any case, stands there. */
export function hasAttribute(attributes: readonly XmlAttribute[], name: string): boolean {
  return attributes.some((attribute) => equalsIgnoringCase(attribute.name, name));
}
