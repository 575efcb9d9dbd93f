import type { PackName } from '@k8s-audit/detections';
import { type Command, Option } from 'commander';
import type { RulesUnderTestOptions } from './flows/rules-under-test.ts';

/** What every command that runs rules on events takes. */
export interface RuleFlags {
  readonly pack?: readonly (PackName | 'none')[];
  readonly rules?: readonly string[];
  readonly ruleset?: readonly string[];
  readonly lists?: readonly string[];
}

export function addRuleOptions(command: Command): Command {
  return command
    .addOption(new Option('--pack <name...>', 'packs that are loaded too (default: core)').choices(['core', 'guide', 'none']))
    .option('--rules <path...>', 'rule files, and folders of them, beside the packs')
    .option(
      '--ruleset <path...>',
      'stock rules that are loaded as well; without them, ids below 100000 are taken to be there and never match',
    )
    .option('--lists <folder...>', 'folders of CDB lists, which rules name as etc/lists/NAME');
}

export function rulesOf({ pack = ['core'], rules = [], ruleset = [], lists = [] }: RuleFlags): RulesUnderTestOptions {
  return { packs: [...new Set(pack)].filter((name) => name !== 'none'), rules, ruleset, lists };
}
