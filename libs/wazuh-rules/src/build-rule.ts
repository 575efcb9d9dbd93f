import { decodeBytes, parseInt32 } from '@k8s-audit/wazuh-xml';
import type { Condition, Pattern, StaticField } from './condition.ts';
import type { LoadOptions } from './load-options.ts';
import type { AlertOptions, Correlation, Parents, Place, Rule } from './rule.ts';
import type { RuleDraft } from './rule-draft.ts';

/** Makes a rule of what its elements said. `search` is added by the tree, which knows the other rules. */
export function buildRule(draft: RuleDraft, place: Place, options: LoadOptions): Rule {
  const sortLevel = (draft.level === 0 ? 99 : draft.level) * (draft.accuracy === 0 ? 1 : 100);
  const groupText = decodeBytes(draft.groupTextLost ? (draft.group ?? '') : draft.groupName + (draft.group ?? ''));
  const correlation = buildCorrelation(draft);
  return {
    id: draft.id,
    level: levelOf(sortLevel),
    description: decodeBytes(draft.description ?? ''),
    ...(draft.group === undefined ? {} : { group: decodeBytes(draft.group) }),
    parents: buildParents(draft),
    conditions: buildConditions(draft),
    ...(correlation === undefined ? {} : { correlation }),
    ...(draft.noalert ? { noalert: true } : {}),
    ...(draft.accuracy === 0 ? { inaccurate: true } : {}),
    ...(draft.ignoreSeconds > 0 ? { ignoreSeconds: draft.ignoreSeconds } : {}),
    ...(draft.overwrite ? { overwrite: true } : {}),
    ...(draft.options.length > 0 ? { options: draft.options } : {}),
    ...(draft.mitreIds.length + draft.mitrePairs.length > 0
      ? { mitre: { ids: draft.mitreIds.map(decodeBytes), pairs: draft.mitrePairs } }
      : {}),
    ...(draft.info.length > 0 ? { info: draft.info.map((info) => ({ ...info, text: decodeBytes(info.text) })) } : {}),
    ...(draft.ignoreFields === undefined ? {} : { ignoreFields: draft.ignoreFields.map(decodeBytes) }),
    ...(draft.checkIfIgnoredFields === undefined ? {} : { checkIfIgnoredFields: draft.checkIfIgnoredFields.map(decodeBytes) }),
    place,
    groupText,
    groups: groupText.split(',').filter((group) => group !== ''),
    sortLevel,
    alert: alertOptionsOf(draft, options),
    ...(draft.infoText === undefined ? {} : { infoText: decodeBytes(draft.infoText) }),
    ...(draft.cveText === undefined ? {} : { cveText: decodeBytes(draft.cveText) }),
  };
}

/** _setlevels undoes the ordering: 9900 is level 0. What accuracy="0" left undone stays, level 0 becomes 99. */
function levelOf(sortLevel: number): number {
  if (sortLevel === 9900) return 0;
  return sortLevel >= 100 ? Math.floor(sortLevel / 100) : sortLevel;
}

function buildParents(draft: RuleDraft): Parents {
  if (draft.id < 10) return { kind: 'template', category: draft.category };
  // A composite rule hangs below what it counts, unless it says otherwise; an overwrite keeps the parents it has.
  const group = draft.ifGroup ?? (draft.ifSid === undefined && !draft.overwrite ? draft.ifMatchedGroup : undefined);
  const matchedSid = draft.ifMatchedSid && group === undefined && !draft.overwrite ? String(draft.ifMatchedSid) : undefined;
  const sid = draft.ifSid ?? matchedSid;
  if (sid !== undefined) return { kind: 'sid', ids: (sid.match(/[0-9]+/g) ?? []).map(parseInt32) };
  if (draft.ifLevel !== undefined) return { kind: 'level', level: Number(draft.ifLevel) };
  if (group !== undefined) return { kind: 'group', text: decodeBytes(group) };
  return { kind: 'category', category: draft.category };
}

function buildCorrelation(draft: RuleDraft): Correlation | undefined {
  const { ifMatchedSid, ifMatchedGroup, ifMatchedRegex } = draft;
  if (ifMatchedSid === undefined && ifMatchedGroup === undefined && ifMatchedRegex === undefined) return undefined;
  return {
    ...(ifMatchedSid === undefined ? {} : { ifMatchedSid }),
    ...(ifMatchedGroup === undefined ? {} : { ifMatchedGroup: decodeBytes(ifMatchedGroup) }),
    ...(ifMatchedRegex === undefined ? {} : { ifMatchedRegex: decodeBytes(ifMatchedRegex) }),
    frequency: draft.frequency ?? 2,
    timeframeSeconds: draft.timeframeSeconds,
    same: [...draft.same],
    different: [...draft.different],
    sameFields: draft.sameFields.map(decodeBytes),
    differentFields: draft.differentFields.map(decodeBytes),
    globalFrequency: draft.globalFrequency,
  };
}

/** In the order of OS_CheckIfRuleMatch. */
function buildConditions(draft: RuleDraft): readonly Condition[] {
  const staticFields = (...names: readonly StaticField[]): readonly Condition[] =>
    names.flatMap((field) => {
      const pattern = patternOf(draft, field);
      return pattern === undefined ? [] : [{ kind: 'static', field, pattern }];
    });
  const log = (element: 'match' | 'regex'): readonly Condition[] => {
    const pattern = patternOf(draft, element);
    return pattern === undefined ? [] : [{ kind: 'log', element, pattern }];
  };
  const location = patternOf(draft, 'location');
  const addresses = (['srcip', 'dstip'] as const).flatMap((field): readonly Condition[] => {
    const address = draft.addresses.get(field);
    return address === undefined ? [] : [{ kind: 'address', field, networks: address.networks, negate: address.negate }];
  });
  return [
    ...(draft.decoder === undefined ? [] : [{ kind: 'decoder', name: decodeBytes(draft.decoder) } as const]),
    ...staticFields('program_name', 'id', 'system_name', 'protocol'),
    ...log('match'),
    ...log('regex'),
    ...staticFields('action', 'url'),
    ...(location === undefined ? [] : [{ kind: 'location', pattern: location } as const]),
    ...draft.fields.map((field) => ({
      kind: 'field' as const,
      name: decodeBytes(field.name),
      pattern: { type: field.type, text: decodeBytes(field.text), negate: field.negate },
    })),
    ...addresses,
    ...staticFields('srcport', 'dstport'),
    ...(draft.compiled === undefined ? [] : [{ kind: 'compiled', name: draft.compiled } as const]),
    ...staticFields('user', 'srcgeoip', 'dstgeoip'),
    ...(draft.minBytes > 0 ? [{ kind: 'size', minBytes: draft.minBytes } as const] : []),
    ...(draft.time === undefined ? [] : [{ kind: 'time', text: draft.time } as const]),
    ...(draft.weekday === undefined ? [] : [{ kind: 'weekday', text: draft.weekday } as const]),
    ...staticFields('data', 'extra_data', 'hostname', 'status'),
    ...(draft.isDiff ? [{ kind: 'diff' } as const] : []),
    ...(draft.isFirstSeen ? [{ kind: 'first-seen' } as const] : []),
    ...draft.lists.map((list) => ({
      ...list,
      list: decodeBytes(list.list),
      field: { ...list.field, name: decodeBytes(list.field.name) } as typeof list.field,
      ...(list.checkValue === undefined ? {} : { checkValue: decodeBytes(list.checkValue) }),
    })),
  ];
}

function patternOf(draft: RuleDraft, name: StaticField | 'match' | 'regex' | 'location'): Pattern | undefined {
  const pattern = draft.patterns.get(name);
  if (pattern?.text === undefined) return undefined;
  return { type: pattern.type, text: decodeBytes(pattern.text), negate: pattern.negate };
}

/** The bits of alert_opts. Two options take their own bit away by a mask that forgets `no_counter` (0x1000). */
function alertOptionsOf(draft: RuleDraft, { logAlertLevel = 3, emailAlertLevel = 12 }: LoadOptions): AlertOptions {
  let mail = draft.level >= emailAlertLevel;
  let log = draft.level >= logAlertLevel;
  let noCounter = false;
  for (const option of draft.options) {
    if (option === 'no_counter') noCounter = true;
    if ((option === 'no_email_alert' && mail) || (option === 'no_log' && log)) noCounter = false;
    if (option === 'alert_by_email' || option === 'no_email_alert') mail = option === 'alert_by_email';
    if (option === 'log_alert' || option === 'no_log') log = option === 'log_alert';
  }
  return { mail, log, noCounter, noActiveResponse: draft.options.includes('no_ar'), noFullLog: draft.options.includes('no_full_log') };
}
