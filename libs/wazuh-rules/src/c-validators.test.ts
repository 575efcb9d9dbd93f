import { describe, expect, it } from 'vitest';
import { checkTime, isAddress, isWeekday } from './c-validators.ts';

describe('time', () => {
  it.each(['8:00-18:00', ' 8 - 18 ', '8am-6pm', '8 AM - 12 pm', '!22:00 - 6:00', '! 0-23', '12:30 am-1 am'])('takes %j', (text) => {
    expect(checkTime(text)).toEqual({ isValid: true, badParts: [] });
  });

  it.each([
    ['25:00-26:00', ['25:00-26:00']],
    ['8-24', ['24']],
    ['008-18', ['-18']],
    ['8', []],
    ['8-18x', []],
    ['8a-18', ['-18']],
    ['13pm-14', ['m-14']],
    ['x-18', ['x-18']],
    ['8:x12-18', ['x12-18']],
  ])('refuses %j', (text, badParts) => {
    expect(checkTime(text)).toEqual({ isValid: false, badParts });
  });
});

describe('weekday', () => {
  it.each(['monday', 'Mon,tue', 'weekdays', ' sun sat', 'weekends,mon', 'mon, '])('takes %j', (text) => {
    expect(isWeekday(text)).toBe(true);
  });

  it.each(['', 'funday', '!monday', 'mondaytuesday', 'mon;tue', ','])('refuses %j', (text) => {
    expect(isWeekday(text)).toBe(false);
  });
});

describe('address', () => {
  it.each([
    '10.0.0.1',
    '10.0.0.0/8',
    '10.0.0.0/255.0.0.0',
    '::ffff:10.0.0.1',
    '::',
    '::1',
    '2001:db8::/32',
    '1:2:3:4:5:6:7:8',
    'fe80::1/128',
    'any',
    '!10.0.0.1',
  ])('takes %s', (text) => {
    expect(isAddress(text)).toBe(true);
  });

  it.each(['', '10.0.', '10.0.0.256', '10.0.0.0/33', '2001:db8::/129', '1:2:3', 'localhost', ' 10.0.0.1', '1::2::3', '::/0'])(
    'refuses %j',
    (text) => {
      expect(isAddress(text)).toBe(false);
    },
  );
});
