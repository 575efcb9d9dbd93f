import type { Node } from './syntax-tree.ts';

/**
 * How many codes the node takes, when that is always the same; undefined otherwise. PCRE2 10.42 wants this of every branch of a
 * lookbehind, and equal branches below the top level.
 */
export function fixedLengthOf(node: Node, groups: ReadonlyMap<number, Node>, open: ReadonlySet<number> = new Set()): number | undefined {
  const lengthOf = (child: Node): number | undefined => fixedLengthOf(child, groups, open);
  switch (node.kind) {
    case 'empty':
    case 'fail':
    case 'assertion':
    case 'look':
      return 0;
    case 'set':
      return 1;
    case 'sequence': {
      let total = 0;
      for (const item of node.items) {
        // Behind (*FAIL) nothing is measured any more: pcre2_compile.c, get_branchlength.
        if (item.kind === 'fail') break;
        const length = lengthOf(item);
        if (length === undefined) return undefined;
        total += length;
      }
      // 65535: PCRE2's LOOKBEHIND_MAX.
      return total <= 65_535 ? total : undefined;
    }
    case 'alternatives': {
      const lengths = new Set(node.branches.map(lengthOf));
      return lengths.size === 1 ? [...lengths][0] : undefined;
    }
    case 'repeat': {
      const length = node.min === node.max ? lengthOf(node.body) : undefined;
      return length === undefined || length * node.min > 65_535 ? undefined : length * node.min;
    }
    case 'capture':
      return fixedLengthOf(node.body, groups, new Set([...open, node.group]));
    case 'atomic':
      return lengthOf(node.body);
    case 'backreference': {
      const [group] = node.groups;
      if (group === undefined || node.groups.length > 1 || open.has(group)) return undefined;
      const body = groups.get(group);
      return body === undefined ? undefined : fixedLengthOf(body, groups, new Set([...open, group]));
    }
  }
}
