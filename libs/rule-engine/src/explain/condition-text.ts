import type { Condition, Correlation, Pattern } from '@k8s-audit/wazuh-rules';

/** A condition as a sentence about the event: `field verb matches osregex ^create$`. */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'decoder':
      return `the decoder is ${condition.name}`;
    case 'log':
      return `the message ${matches(condition.pattern)}`;
    case 'location':
      return `the location ${matches(condition.pattern)}`;
    case 'static':
      return `${condition.field} ${matches(condition.pattern)}`;
    case 'field':
      return `field ${condition.name} ${matches(condition.pattern)}`;
    case 'address':
      return `${condition.field} is ${condition.negate ? 'not ' : ''}in ${condition.networks.join(', ')}`;
    case 'size':
      return `the message has at least ${condition.minBytes} bytes`;
    case 'time':
      return `the time is in ${condition.text}`;
    case 'weekday':
      return `the day is in ${condition.text}`;
    case 'compiled':
      return `the built-in function ${condition.name} says yes`;
    case 'diff':
      return 'the message differs from the last one';
    case 'first-seen':
      return 'it is seen for the first time';
    case 'list':
      return `field ${condition.field.name}: ${condition.lookup} in ${condition.list}${condition.checkValue === undefined ? '' : ` with the value ${condition.checkValue}`}`;
  }
}

export function describeCorrelation(correlation: Correlation): string {
  const { frequency, timeframeSeconds, same, different, sameFields, differentFields, globalFrequency } = correlation;
  const source =
    correlation.ifMatchedSid !== undefined
      ? `of rule ${correlation.ifMatchedSid}`
      : correlation.ifMatchedGroup !== undefined
        ? `of group ${correlation.ifMatchedGroup}`
        : 'before';
  const earlier = frequency - 1;
  const parts = [`at least ${earlier} ${earlier === 1 ? 'event' : 'events'} ${source} came in the last ${timeframeSeconds} s`];
  if (same.length + sameFields.length > 0) parts.push(`with the same ${[...same, ...sameFields].join(', ')}`);
  if (different.length + differentFields.length > 0) parts.push(`with another ${[...different, ...differentFields].join(', ')}`);
  if (!globalFrequency) parts.push('from the same agent');
  return parts.join(' ');
}

function matches({ type, text, negate }: Pattern): string {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  if (type === 'string') return `${negate ? 'is not' : 'is'} exactly ${shown}`;
  return `${negate ? 'does not match' : 'matches'} ${type} ${shown}`;
}
