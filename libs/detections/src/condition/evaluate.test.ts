import { describe, expect, it } from 'vitest';
import { compileCondition, type Truth, type WireFields } from './evaluate.ts';
import { type Condition, is, isNot, matches, matchesNot } from './field-test.ts';

const truth = (condition: Condition, k8s: WireFields): Truth => compileCondition(condition)(k8s);

it.each<[string, Condition, WireFields, Truth]>([
  ['one of several values', [is('actor', 'human', 'anonymous')], { actor: 'anonymous' }, 'true'],
  ['another value', [is('actor', 'human')], { actor: 'node' }, 'false'],
  ['another case', [is('actor', 'human')], { actor: 'Human' }, 'false'],
  ['a value inside a longer one', [is('actor', 'human')], { actor: 'humans' }, 'false'],
  ['a nested field', [is('objectRef.namespace', 'default')], { objectRef: { namespace: 'default' } }, 'true'],
  ['none of them', [isNot('actor', 'node')], { actor: 'human' }, 'true'],
  ['one that is excluded', [isNot('actor', 'node')], { actor: 'node' }, 'false'],
  ['a pattern', [matches('action', '^exec ')], { action: 'exec pods' }, 'true'],
  ['a pattern that is not there', [matchesNot('action', '^exec ')], { action: 'get pods' }, 'true'],
  ['an empty text', [is('requestURI', '')], { requestURI: '' }, 'true'],
  ['bytes, as PCRE2 sees them', [matches('cluster', '^..$')], { cluster: 'é' }, 'true'],
  ['no test at all', [], {}, 'true'],
])('%s', (_title, condition, k8s, expected) => {
  expect(truth(condition, k8s)).toBe(expected);
});

describe('a field that the event does not have', () => {
  it.each<[string, WireFields]>([
    ['nothing there', {}],
    ['an object', { actor: {} }],
    ['a number', { actor: 1 }],
    ['an array', { actor: ['human'] }],
    ['null', { actor: null }],
    ['a text where an object is looked into', { actor: 'human', objectRef: 'x' }],
  ])('is unknown, negated or not: %s', (_title, k8s) => {
    const field = 'objectRef' in k8s ? 'objectRef.name' : 'actor';
    expect(truth([is(field, 'human')], k8s)).toBe('unknown');
    expect(truth([isNot(field as 'actor', 'human')], k8s)).toBe('unknown');
    expect(truth([matchesNot(field as 'actor', 'x')], k8s)).toBe('unknown');
  });

  it('does not hide that another test has failed, and is not hidden by one that holds', () => {
    expect(truth([is('verb', 'get'), is('stage', 'Panic')], { stage: 'ResponseComplete' })).toBe('false');
    expect(truth([is('verb', 'get'), is('stage', 'Panic')], { stage: 'Panic' })).toBe('unknown');
  });

  it('is none that every object inherits', () => {
    expect(truth([matches('facts.constructor', '.')], { facts: {} })).toBe('unknown');
    expect(truth([matches('facts.__proto__.x', '.')], { facts: {} })).toBe('unknown');
  });
});
