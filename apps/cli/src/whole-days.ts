import { Failure } from '@k8s-audit/failure';

const MAX_DAYS = 3_650;

/** A number of days as a flag takes it. @throws {Failure} USAGE */
export function wholeDays(flag: string, text: string): number {
  const days = Number(text);
  if (/^\d{1,4}$/.test(text) && days >= 1 && days <= MAX_DAYS) return days;
  throw new Failure('USAGE', `${flag} takes a whole number from 1 to ${MAX_DAYS}, not ${text}.`, {
    hint: `leave ${flag} out for its default`,
  });
}
