import type { ListCondition, PatternType, StaticField } from './condition.ts';
import type { ProblemText } from './problem.ts';
import type { Category, ComparedField, Info, RuleOption } from './rule.ts';

/** Elements whose text is a pattern; repeats are glued together and the last one's type and negate count. */
export type PatternElement = StaticField | 'match' | 'regex' | 'location';

export interface PatternDraft {
  /** Undefined: it was too long, and is discarded. */
  text: string | undefined;
  type: PatternType;
  negate: boolean;
  readonly offset: number;
}

/** A rule while its elements are read. Texts are bytes; numbers are as Wazuh stores them, except frequency, which is as written. */
export interface RuleDraft {
  readonly offset: number;
  /** Where the elements of each name stand, the last one of each; names in lower case. */
  readonly offsets: Map<string, number>;
  id: number;
  level: number;
  minBytes: number;
  timeframeSeconds: number;
  frequency: number | undefined;
  accuracy: number;
  noalert: boolean;
  ignoreSeconds: number;
  overwrite: boolean;
  readonly groupName: string;
  group: string | undefined;
  groupTextLost: boolean;
  description: string | undefined;
  readonly patterns: Map<PatternElement, PatternDraft>;
  readonly fields: { readonly name: string; readonly type: PatternType; readonly negate: boolean; readonly text: string }[];
  readonly addresses: Map<'srcip' | 'dstip', { readonly networks: string[]; negate: boolean }>;
  decoder: string | undefined;
  category: Category;
  hasCategory: boolean;
  time: string | undefined;
  weekday: string | undefined;
  compiled: string | undefined;
  lists: ListCondition[];
  isFirstSeen: boolean;
  isDiff: boolean;
  ifSid: string | undefined;
  ifLevel: string | undefined;
  ifGroup: string | undefined;
  ifMatchedSid: number | undefined;
  ifMatchedGroup: string | undefined;
  ifMatchedRegex: string | undefined;
  /** Some if_matched_… or check_diff stood there. */
  hasContext: boolean;
  readonly same: Set<ComparedField>;
  readonly different: Set<ComparedField>;
  readonly sameFields: string[];
  readonly differentFields: string[];
  globalFrequency: boolean;
  readonly options: RuleOption[];
  readonly info: Info[];
  infoText: string | undefined;
  cveText: string | undefined;
  ignoreFields: string[] | undefined;
  checkIfIgnoredFields: string[] | undefined;
  mitreIds: string[];
  mitrePairs: { readonly tacticId: string; readonly techniqueId: string }[];
  mitreForm: 'none' | 'ids' | 'pairs';
}

/** Tells a problem; `offset` is a byte in the file, by default that of the rule. */
export type Report = (text: ProblemText, offset?: number) => void;

// wazuh v4.14.7 etc/internal_options.conf: analysisd.default_timeframe
export const DEFAULT_TIMEFRAME_SECONDS = 360;

export function createDraft(groupName: string, offset: number): RuleDraft {
  return {
    offset,
    offsets: new Map(),
    id: -1,
    level: -1,
    minBytes: 0,
    timeframeSeconds: DEFAULT_TIMEFRAME_SECONDS,
    frequency: undefined,
    accuracy: 1,
    noalert: false,
    ignoreSeconds: 0,
    overwrite: false,
    groupName,
    group: undefined,
    groupTextLost: false,
    description: undefined,
    patterns: new Map(),
    fields: [],
    addresses: new Map(),
    decoder: undefined,
    category: 'syslog',
    hasCategory: false,
    time: undefined,
    weekday: undefined,
    compiled: undefined,
    lists: [],
    isFirstSeen: false,
    isDiff: false,
    ifSid: undefined,
    ifLevel: undefined,
    ifGroup: undefined,
    ifMatchedSid: undefined,
    ifMatchedGroup: undefined,
    ifMatchedRegex: undefined,
    hasContext: false,
    same: new Set(),
    different: new Set(),
    sameFields: [],
    differentFields: [],
    globalFrequency: false,
    options: [],
    info: [],
    infoText: undefined,
    cveText: undefined,
    ignoreFields: undefined,
    checkIfIgnoredFields: undefined,
    mitreIds: [],
    mitrePairs: [],
    mitreForm: 'none',
  };
}
