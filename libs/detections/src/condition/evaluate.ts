import type { Condition, FieldTest } from './field-test.ts';

/** `unknown`: the event does not have a field that the condition needs, and nothing else decides it. */
export type Truth = 'true' | 'false' | 'unknown';

/** The object `k8s` of a wire event: texts, arrays of texts, and objects of them. */
export type WireFields = Readonly<Record<string, unknown>>;

/** Prepares a condition once, for many events. */
export function compileCondition(condition: Condition): (k8s: WireFields) => Truth {
  const tests = condition.map(compileTest);
  return (k8s) => {
    let truth: Truth = 'true';
    for (const test of tests) {
      const one = test(k8s);
      if (one === 'false') return 'false';
      if (one === 'unknown') truth = 'unknown';
    }
    return truth;
  };
}

function compileTest(test: FieldTest): (k8s: WireFields) => Truth {
  const path = test.field.split('.');
  const holds = predicateOf(test);
  return (k8s) => {
    const text = textAt(k8s, path);
    if (text === undefined) return 'unknown';
    return holds(text) ? 'true' : 'false';
  };
}

function predicateOf(test: FieldTest): (text: string) => boolean {
  const negated = test.op === 'is-not' || test.op === 'matches-not';
  if ('values' in test) {
    const values = new Set(test.values);
    return (text) => values.has(text) !== negated;
  }
  const pattern = new RegExp(test.pattern);
  return (text) => pattern.test(asBytes(text)) !== negated;
}

/** Wazuh's PCRE2 sees bytes: `é` is two characters to it. */
function asBytes(text: string): string {
  return NON_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

const NON_ASCII = /[\u0080-\uffff]/;

/** Only a text counts: the wire event holds nothing else where a condition may look. */
function textAt(k8s: WireFields, path: readonly string[]): string | undefined {
  let value: unknown = k8s;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as WireFields)[key];
  }
  return typeof value === 'string' ? value : undefined;
}
