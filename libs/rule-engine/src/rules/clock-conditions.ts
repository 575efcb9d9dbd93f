/** `<time>` and `<weekday>`. Source: wazuh v4.14.7 src/shared/validate_op.c, OS_IsValidTime, OS_IsonTime, OS_IsValidDay, OS_IsonDay. */

/** Local time of the manager. */
export interface LocalTime {
  /** Minutes since midnight. */
  readonly minutes: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

export function localTimeOf(nowMs: number, utcOffsetMinutes: number): LocalTime {
  const date = new Date(nowMs + utcOffsetMinutes * 60_000);
  return { minutes: date.getUTCHours() * 60 + date.getUTCMinutes(), weekday: date.getUTCDay() };
}

/** `6 pm - 8:30 am`, `!9-17`; undefined: no such time. A span over midnight is turned round, and its ends then do not belong to it. */
export function compileTime(text: string): ((now: LocalTime) => boolean) | undefined {
  const parsed = /^ *(!?) *(\d{1,2})(?::(\d\d))? *([ap]m)? *- *(\d{1,2})(?::(\d\d))? *([ap]m)? *$/i.exec(text);
  if (parsed === null) return undefined;
  const from = minutesOf(parsed[2], parsed[3], parsed[4]);
  const to = minutesOf(parsed[5], parsed[6], parsed[7]);
  if (from === undefined || to === undefined) return undefined;
  if (from > to) return ({ minutes }) => !(minutes >= to && minutes <= from);
  const isNegated = parsed[1] === '!';
  return ({ minutes }) => (minutes >= from && minutes <= to) !== isNegated;
}

/** `weekdays`, `mon,tue wed`, `!sunday`; undefined: no such days. */
export function compileWeekday(text: string): ((now: LocalTime) => boolean) | undefined {
  const parsed = /^ *(!?) *(.*)$/s.exec(text);
  const days = new Set<number>();
  for (const word of (parsed?.[2] ?? '').toLowerCase().split(/[ ,]+/)) {
    const named = word === '' ? [] : DAYS.get(word);
    if (named === undefined) return undefined;
    for (const day of named) days.add(day);
  }
  if (days.size === 0) return undefined;
  const isNegated = parsed?.[1] === '!';
  return ({ weekday }) => days.has(weekday) !== isNegated;
}

function minutesOf(hour = '', minute = '0', half = ''): number | undefined {
  const hours = Number(hour);
  if (hours >= 24) return undefined;
  if (half === '') return hours * 60 + Number(minute);
  const twelve = hours === 12 ? 0 : hours;
  const shifted = half.toLowerCase() === 'pm' ? twelve + 12 : twelve;
  return shifted < 24 ? shifted * 60 + Number(minute) : undefined;
}

const NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const DAYS: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...NAMES.map((name, day) => [name, [day]] as const),
  ...NAMES.map((name, day) => [name.slice(0, 3), [day]] as const),
  ['weekdays', [1, 2, 3, 4, 5]],
  ['weekends', [0, 6]],
]);
