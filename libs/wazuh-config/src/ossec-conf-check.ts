import { Failure } from '@k8s-audit/failure';
import { XMLParser } from 'fast-xml-parser';
import type { OssecConfChanges } from './ossec-conf.ts';

/**
 * A second opinion on an edited ossec.conf, by a parser that knows nothing of how it was edited: each change must be what it reads.
 *
 * @throws Failure OSSEC_CONF_UNEXPECTED
 */
export function assertReadsAs(bytes: string, { lists = [], global = {} }: OssecConfChanges): void {
  // Wazuh's file has several roots and no entities; the parser wants one root.
  const parser = new XMLParser({ processEntities: false, parseTagValue: false, ignoreAttributes: true, isArray: () => true });
  const root = parser.parse(`<root>${bytes}</root>`) as Tree;
  const values = (section: string, name: string): string[] =>
    below([root], 'root', 'ossec_config', section, name).map((value) => String(value).trim());
  for (const list of lists) if (!values('ruleset', 'list').includes(list)) throw unexpected(`<list>${list}</list>`);
  for (const [name, value] of Object.entries(global)) if (values('global', name).at(-1) !== value) throw unexpected(`<${name}>`);
}

type Tree = { readonly [name: string]: readonly unknown[] };

function below(trees: readonly unknown[], ...path: readonly string[]): readonly unknown[] {
  return path.reduce<readonly unknown[]>((all, name) => all.flatMap((tree) => (tree as Tree)?.[name] ?? []), trees);
}

function unexpected(what: string): Failure {
  return new Failure(
    'OSSEC_CONF_UNEXPECTED',
    `ossec.conf is written in a way that could not be edited: ${what} is not where it should be.`,
    {
      hint: 'Nothing was changed. Put that line in by hand, then run the command again.',
    },
  );
}
