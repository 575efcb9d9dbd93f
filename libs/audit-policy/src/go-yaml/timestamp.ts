import { isDay } from '../go-text/calendar.ts';

/** Whether go-yaml takes a text for a timestamp: year, month and day, and a time of day or none (resolve.go parseTimestamp). */
export function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const [year, month, day, hour, minute, second, zoneHour, zoneMinute] = match.slice(1).map((digits) => Number(digits ?? 0)) as number[];
  return (
    isDay(year ?? 0, month ?? 0, day ?? 0) &&
    (hour ?? 0) < 24 &&
    (minute ?? 0) < 60 &&
    (second ?? 0) < 60 &&
    (zoneHour ?? 0) <= 24 &&
    (zoneMinute ?? 0) <= 60
  );
}

const TIME = String.raw`(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?`;

/** With a `T` a time zone follows, after a space none may. */
const TIMESTAMP = new RegExp(
  String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]${TIME}(?:Z|[-+](\d{2}):(\d{2}))| ${TIME.replaceAll('(\\d', '(?:\\d')})?$`,
);
