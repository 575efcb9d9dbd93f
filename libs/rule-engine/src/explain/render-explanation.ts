import type { ExplainedEvent, Explanation, FailureReason, HeldCondition, RuleTrial } from './explanation.ts';

/**
 * An explanation as text. Of the rules that failed only those are shown whose parent held; `everything` shows those too that failed
 * on their first condition, which are nearly all in a large ruleset.
 */
export function renderExplanation(explanation: Explanation, { everything = false }: { readonly everything?: boolean } = {}): string {
  if (explanation.kind === 'refused') return `Wazuh drops this message (${explanation.code}): ${explanation.reason}.\n`;
  if (explanation.kind === 'other-queue') return `Not an event: queue ${explanation.queue} belongs to another part of wazuh-analysisd.\n`;
  const lines = [headline(explanation), resultLine(explanation), ''];
  let hidden = 0;
  const visit = (trial: RuleTrial, indent: string): void => {
    if (!everything && isQuick(trial)) {
      hidden++;
      return;
    }
    lines.push(`${indent}${trial.ruleId} (level ${trial.level}): ${outcomeText(trial)}`);
    if (trial.outcome.kind === 'result') for (const held of trial.outcome.conditions) lines.push(`${indent}    ${conditionText(held)}`);
    for (const child of trial.children) visit(child, `${indent}  `);
  };
  for (const trial of explanation.trials) visit(trial, '');
  if (hidden > 0) lines.push(`and ${hidden} ${hidden === 1 ? 'rule that fails on its' : 'rules that fail on their'} first condition`);
  if (explanation.shadowed.length > 0) {
    lines.push('', 'Would have matched, had none before them won:');
    for (const { ruleId, level, description, shadowedBy } of explanation.shadowed)
      lines.push(`  ${ruleId} (level ${level}): ${description} [behind ${shadowedBy}]`);
  }
  return `${lines.map(printable).join('\n')}\n`;
}

/** It failed on its first condition, as nearly all do; one that only counts too little is worth a look. */
function isQuick({ outcome }: RuleTrial): boolean {
  return outcome.kind === 'failed' && outcome.reason.held === 0 && outcome.reason.kind !== 'correlation';
}

function headline({ location, decoder, fields }: ExplainedEvent): string {
  return `location ${location}, ${decoder === undefined ? 'no decoder takes the message, so it has no fields' : `decoder ${decoder}, ${fields} fields`}`;
}

function resultLine({ result }: ExplainedEvent): string {
  if (result.kind === 'none') return 'no rule matches';
  if (result.kind === 'undecided') return `undecided: rule ${result.ruleId} could not be told`;
  return `rule ${result.ruleId} (level ${result.level}, ${result.alerted ? 'alerts' : 'no alert'}): ${result.description}`;
}

function outcomeText({ outcome, tried }: RuleTrial): string {
  const late = tried ? '' : ', but it is not tried any more';
  switch (outcome.kind) {
    case 'result':
      return 'matches, and is the result';
    case 'passed-on':
      return `matches, and hands on to ${outcome.to}${late}`;
    case 'would-match':
      return `would match${late}`;
    case 'container':
      return `matches, but is a container without a matching child${late}`;
    case 'undecided':
      return `could not be told: ${outcome.condition}`;
    case 'failed':
      return `fails: ${reasonText(outcome.reason)}`;
  }
}

function reasonText({ kind, condition, value, held }: FailureReason): string {
  const before = held === 0 ? '' : ` (${held} before it held)`;
  if (kind === 'missing') return `${condition} — the event does not have it${before}`;
  if (kind === 'correlation') return `${condition} — there were fewer${before}`;
  return `${conditionText({ condition, ...(value === undefined ? {} : { value }) })}${before}`;
}

function conditionText({ condition, value }: HeldCondition): string {
  return `${condition}${value === undefined ? '' : ` — it is ${JSON.stringify(value)}`}`;
}

/** Values come from events: no control byte of theirs may reach a terminal. */
function printable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  return line.replace(/[\0-\x1f\x7f-\x9f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
