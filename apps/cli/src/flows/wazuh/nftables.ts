import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readHostText, type WantedFile } from '@k8s-audit/host-files';
import { type ActionTools, type HostAction, tryCommand } from './host-actions.ts';

/** Our rule is known again by this comment, whatever number the kernel gave it. */
const MARK = 'k8s-audit-receiver';
/** What nftables.service loads at the start of the machine: Debian's place, and the one of RHEL and its like. */
export const NFTABLES_FILES: readonly string[] = ['etc/nftables.conf', 'etc/sysconfig/nftables.conf'];
const OWN_FILE = 'etc/nftables.d/k8s-audit-receiver.nft';

export interface NftablesPlan {
  readonly actions: readonly HostAction[];
  /** So that it is open after the next start, too. */
  readonly files: readonly WantedFile[];
  readonly notes: readonly string[];
}

/** A base chain that lets nothing in but what its rules accept. */
interface ClosedChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
}

/**
 * Opens a port in every chain that closes it: now, by a rule in front of the others, and for the next start, by a file of ours that the
 * machine's own rule file includes. A port that is open already is not ours to close.
 *
 * @returns undefined: nftables closes nothing here
 */
export async function planNftables(root: string, port: number, env: ActionTools['env']): Promise<NftablesPlan | undefined> {
  const listed = await tryCommand(['nft', '--json', 'list', 'ruleset'], env);
  const items = listed === undefined ? [] : (JSON.parse(listed) as { readonly nftables: readonly Item[] }).nftables;
  const closed = closedChains(items).filter((chain) => !isOpen(items, chain, port));
  // Chains of iptables-nft have capital letters; a rule of nft's own in them makes iptables refuse to list them.
  const [foreign, own] = [closed.filter(({ name }) => name === 'INPUT'), closed.filter(({ name }) => name !== 'INPUT')];
  const notes = foreign.map(({ family }) => {
    const program = family === 'ip6' ? 'ip6tables' : 'iptables';
    return `${program} drops what it does not know: ${program} -I INPUT -p tcp --dport ${port} -j ACCEPT, and save it as your distribution does`;
  });
  if (own.length === 0) return notes.length === 0 ? undefined : { actions: [], files: [], notes };
  const kept = await keptFiles(root, own, port);
  return {
    files: kept.files,
    actions: [...kept.actions, ...own.map((chain) => opening(chain, port))],
    notes: [...notes, ...kept.notes],
  };
}

function opening(chain: ClosedChain, port: number): HostAction {
  const { family, table, name } = chain;
  const place = `${family} ${table} ${name}`;
  // nft deletes by number only: the number is that of the rule with our mark.
  const numbers = `nft --handle list chain ${place} | sed -n 's/.* comment "${MARK}" # handle \\([0-9]*\\)$/\\1/p'`;
  return {
    says: `nftables: open ${port}/tcp in ${place}`,
    run: [['nft', ruleText(chain, port)]],
    undo: [['sh', '-c', `for number in $(${numbers}); do nft delete rule ${place} handle "$number" || exit 1; done`]],
  };
}

function ruleText({ family, table, name }: ClosedChain, port: number): string {
  return `insert rule ${family} ${table} ${name} tcp dport ${port} accept comment "${MARK}"`;
}

async function keptFiles(root: string, chains: readonly ClosedChain[], port: number): Promise<NftablesPlan> {
  const file = NFTABLES_FILES.find((each) => existsSync(join(root, each)));
  const text = file === undefined ? '' : await readHostText(join(root, file));
  // A file of ours that names a chain which is not there yet would keep every rule from being loaded.
  const isMade = chains.every(({ family, table, name }) =>
    new RegExp(`table\\s+${family}\\s+${table}\\b[\\s\\S]*chain\\s+${name}\\b`).test(text),
  );
  if (file === undefined || !isMade) {
    const where = file === undefined ? 'no rule file of nftables is here' : `/${file} does not make that chain`;
    return {
      actions: [],
      files: [],
      notes: [`nftables: open until the next start of the machine (${where}): add tcp dport ${port} accept to your own rules`],
    };
  }
  const include = `include "/${OWN_FILE}"`;
  const head = '# The receiver of k8s-audit. Goes with: k8s-audit wazuh uninstall\n';
  const whole = text.includes(include) ? text : `${text}${text.endsWith('\n') ? '' : '\n'}${include}\n`;
  return {
    files: [
      { path: join(root, OWN_FILE), content: `${head}${chains.map((chain) => `${ruleText(chain, port)}\n`).join('')}` },
      { path: join(root, file), content: whole },
    ],
    actions: [
      { says: 'nftables: will the rule files load at the next start?', run: [['nft', '--check', '--file', join(root, file)]], undo: [] },
    ],
    notes: [],
  };
}

/** Of `nft --json` (libnftables-json(5)), what is looked at here. */
interface Item {
  readonly chain?: ClosedChain & { readonly type?: string; readonly hook?: string; readonly policy?: string };
  readonly rule?: { readonly family: string; readonly table: string; readonly chain: string; readonly expr: readonly Expression[] };
}

type Expression = Readonly<Record<string, unknown>>;

const INTERNET = new Set(['inet', 'ip', 'ip6']);

function closedChains(items: readonly Item[]): readonly ClosedChain[] {
  return items.flatMap(({ chain }) => {
    if (chain?.hook !== 'input' || chain.type !== 'filter' || !INTERNET.has(chain.family)) return [];
    const isClosed = chain.policy === 'drop' || rulesOf(items, chain).some(dropsTheRest);
    return isClosed ? [{ family: chain.family, table: chain.table, name: chain.name }] : [];
  });
}

/** `drop` or `reject` of whatever comes so far; counters and logs decide nothing. */
function dropsTheRest(expressions: readonly Expression[]): boolean {
  const deciding = expressions.filter((each) => !('counter' in each) && !('log' in each));
  const [only] = deciding;
  return deciding.length === 1 && only !== undefined && ('drop' in only || 'reject' in only);
}

function isOpen(items: readonly Item[], chain: ClosedChain, port: number): boolean {
  return rulesOf(items, chain).some((rule) => rule.some((each) => 'accept' in each) && rule.some((each) => matchesPort(each, port)));
}

function matchesPort(expression: Expression, port: number): boolean {
  const match = expression['match'] as { left?: { payload?: { protocol?: string; field?: string } }; right?: unknown } | undefined;
  if (match?.left?.payload?.protocol !== 'tcp' || match.left.payload.field !== 'dport') return false;
  const { right } = match;
  const ports = typeof right === 'object' && right !== null && 'set' in right ? (right.set as readonly unknown[]) : [right];
  return ports.some((each) => {
    if (typeof each === 'number') return each === port;
    const [from, to] = ((each as { range?: readonly [number, number] } | null)?.range ?? []) as readonly number[];
    return from !== undefined && to !== undefined && from <= port && port <= to;
  });
}

function rulesOf(items: readonly Item[], { family, table, name }: ClosedChain): readonly (readonly Expression[])[] {
  return items.flatMap(({ rule }) => (rule?.family === family && rule.table === table && rule.chain === name ? [rule.expr] : []));
}
