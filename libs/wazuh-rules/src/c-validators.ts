import { cutAtNul } from '@k8s-audit/wazuh-xml';

/** Values that Wazuh checks by hand (wazuh v4.14.7 src/shared/validate_op.c), with the log lines of what it refuses. */

/** OS_IsValidTime: `8:00 am - 6 pm`, `!20-7`. Returns the log lines; none means valid. A missing `-` is refused without a line. */
export function checkTime(text: string): { readonly isValid: boolean; readonly badParts: readonly string[] } {
  const badParts: string[] = [];
  const first = readHour(text.replace(/^ */, '').replace(/^! */, ''), badParts);
  if (first === undefined) return { isValid: false, badParts };
  const dash = first.replace(/^ +/, '');
  if (!dash.startsWith('-')) return { isValid: false, badParts };
  const second = readHour(dash.slice(1).replace(/^ +/, ''), badParts);
  return { isValid: second !== undefined && /^ *$/.test(second), badParts };
}

/** Returns what follows the hour. */
function readHour(text: string, badParts: string[]): string | undefined {
  const refuse = (rest: string): undefined => {
    badParts.push(rest);
    return undefined;
  };
  if (!/^[0-9]/.test(text)) badParts.push(text);
  const digits = /^[0-9]*/.exec(text)?.[0] ?? '';
  const hour = Number(digits.slice(0, 9));
  if (hour >= 24) return refuse(text);
  let rest = text.slice(digits.length);
  if (digits.length > 2) return refuse(rest);
  if (rest.startsWith(':')) {
    rest = rest.slice(1);
    if (!/^[0-9]{2}/.test(rest) && /^..[0-9]/s.test(rest)) return refuse(rest);
    rest = rest.slice(2);
  }
  rest = rest.replace(/^ +/, '');
  const half = /^[ap]/i.exec(rest)?.[0].toLowerCase();
  if (half === undefined) return rest;
  rest = rest.slice(1);
  if (!/^m/i.test(rest)) return refuse(rest);
  if (half === 'p' && hour > 12) return refuse(rest);
  return rest.slice(1);
}

const DAYS = [
  'sunday',
  'sun',
  'monday',
  'mon',
  'tuesday',
  'tue',
  'wednesday',
  'wed',
  'thursday',
  'thu',
  'friday',
  'fri',
  'saturday',
  'sat',
  'weekdays',
  'weekends',
];

/** OS_IsValidDay. A leading `!` is never accepted, although Wazuh means to: it does not step over it. */
export function isWeekday(text: string): boolean {
  let rest = text.replace(/^ +/, '').toLowerCase();
  let days = 0;
  while (rest !== '') {
    const day = DAYS.find((name) => rest.startsWith(name));
    if (day === undefined) return false;
    days++;
    rest = rest.slice(day.length);
    if (rest !== '' && !/^[ ,]/.test(rest)) return false;
    rest = rest.replace(/^[ ,]+/, '');
  }
  return days > 0;
}

const IPV4 = '(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV6_PREFIX = '(?:/(?:12[0-8]|1[0-1][0-9]|[0-9]?[0-9]))?';
const GROUP = '[0-9a-fA-F]{1,4}';
const ADDRESS_FORMS: readonly RegExp[] = [
  new RegExp(`^(?:::[fF]{4}:)?${IPV4}(?:/(?:3[0-2]|[1-2]?[0-9]|${IPV4}))?\\n?$`),
  new RegExp(`^(?:${GROUP}:){7}${GROUP}${IPV6_PREFIX}\\n?$`),
  ...[1, 2, 3, 4, 5, 6].map((tail) => new RegExp(`^(?:${GROUP}:){1,${7 - tail}}(?::${GROUP}){1,${tail}}${IPV6_PREFIX}\\n?$`)),
  new RegExp(`^(?:${GROUP}:){1,7}:${IPV6_PREFIX}\\n?$`),
  new RegExp(`^:(?::${GROUP}){1,7}${IPV6_PREFIX}\\n?$`),
  /^::\n?$/,
];

/** OS_IsValidIP: `any`, IPv4 with a prefix or mask, IPv6 with a prefix. A leading `!` is skipped, and without effect. */
export function isAddress(text: string): boolean {
  const address = cutAtNul(text).replace(/^!/, '');
  return address === 'any' || ADDRESS_FORMS.some((form) => form.test(address));
}
