import { refusePattern } from '@k8s-audit/rule-engine';
import { loadRules, type RuleFile, STOCK_LISTS } from '@k8s-audit/wazuh-rules';
import { type Difference, differing } from './difference.ts';
import { STOCK_DECODERS, STOCK_GROUPS_FILE, STOCK_IDS } from './stock-ruleset.ts';
import { type Row, ruleFilesOf, type Vectors } from './vectors.ts';

/** Rule files as etc/rules/local_rules.xml beside the stock ruleset: exit code and messages of `wazuh-analysisd -t`. */
export function checkRuleFiles(rows: readonly Row[], vectors: Vectors): readonly Difference[] {
  return rows.flatMap((row) => {
    const loaded = loadRules([STOCK_GROUPS_FILE, ...filesOf(row, vectors)], {
      compilePattern: refusePattern,
      outsideRules: STOCK_IDS,
      lists: new Set([...STOCK_LISTS, ...vectors.lists.keys()]),
      decoders: STOCK_DECODERS,
    });
    const messages = Array.isArray(row['messages']) ? row['messages'].map(String) : [];
    const sentences = [
      ...differing('exit code', row['exit_code'], loaded.exitCode),
      ...differing('messages', messages.map(signature), loaded.log.map(signature)),
    ];
    return sentences.length === 0 ? [] : [{ id: String(row['name'] ?? '?'), sentences }];
  });
}

function filesOf(row: Row, vectors: Vectors): readonly RuleFile[] {
  const xml = row['xml'];
  if (typeof xml === 'string') return [{ name: 'etc/rules/local_rules.xml', text: xml }];
  return ruleFilesOf(row).map((name) => ({ name, text: vectors.read(name) }));
}

/** Level and code; where Wazuh gives no code, the words, of which the recording kept one line and 200 characters. */
function signature(message: string): string {
  const coded = /^(?:ERROR|WARNING|CRITICAL): \(\d+\)/.exec(message);
  return coded?.[0] ?? message.split('\n')[0]?.slice(0, 200) ?? '';
}
