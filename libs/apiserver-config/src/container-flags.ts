import { canonicalFlagName } from './decide-flags.ts';
import type { Flag } from './flag.ts';

export type FlagList = 'command' | 'args';

export interface ContainerFlag extends Flag {
  readonly list: FlagList;
  /** The item as it stands there. Undefined: name and value are two items. */
  readonly item: string | undefined;
}

export type ContainerFlags =
  | { readonly kind: 'flags'; readonly flags: readonly ContainerFlag[]; readonly addTo: FlagList }
  | { readonly kind: 'shell' };

const SHELL = /(^|\/)(ba|da|a|k|z)?sh$/;

/** The flags of a container, in the order in which the program reads them: `--a=b`, `--a b`, `--a`. */
export function flagsOfContainer(container: Readonly<Record<string, unknown>>): ContainerFlags {
  const command = listOf(container['command']);
  const args = listOf(container['args']);
  if (SHELL.test(command?.[0] ?? '')) return { kind: 'shell' };
  const flags = [...flagsOf(command ?? [], 'command'), ...flagsOf(args ?? [], 'args')];
  return { kind: 'flags', flags, addTo: args !== undefined || command === undefined ? 'args' : 'command' };
}

function flagsOf(items: readonly string[], list: FlagList): readonly ContainerFlag[] {
  return items.flatMap((item, index): readonly ContainerFlag[] => {
    const parts = /^--([^=]+)(?:=(.*))?$/s.exec(item);
    if (parts === null) return [];
    const name = canonicalFlagName(parts[1] ?? '');
    if (parts[2] !== undefined) return [{ name, value: parts[2], list, item }];
    const next = items[index + 1];
    return next === undefined || next.startsWith('-')
      ? [{ name, value: 'true', list, item }]
      : [{ name, value: next, list, item: undefined }];
  });
}

function listOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}
