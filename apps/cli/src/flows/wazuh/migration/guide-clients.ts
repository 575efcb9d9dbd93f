import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { trustedProxies } from '@k8s-audit/event-pipeline';
import { Failure } from '@k8s-audit/failure';
import { GUIDE_UNIT } from '@k8s-audit/wazuh-config';
import { type ActionTools, tryCommand } from '../host-actions.ts';

/** An address that the guide's receiver has taken events from, and how often of late. */
export interface GuideClient {
  readonly address: string;
  readonly posts: number;
}

/** Some minutes of an API server with the guide's flags (at most ten posts a second), hours of a quiet one. */
const LOG_LINES = 5_000;
/** Flask's line for a request that was answered 200: `10.0.0.5 - - [26/Nov/2026 07:50:12] "POST /?timeout=30s HTTP/1.1" 200 -`. */
const TAKEN = /^(?<address>[0-9a-fA-F.:]+) - - \[[^\]]*\] "POST \/(?:\?[^"]*)? HTTP\/[\d.]+" 200 /;

/**
 * Who posts to the guide's receiver, which asks nobody who they are: its log in the journal, and the connections of this moment.
 *
 * @param procFolder /proc, or a stand-in
 */
export async function guideClients(port: number, env: ActionTools['env'], procFolder = '/proc'): Promise<readonly GuideClient[]> {
  const journal = ['journalctl', '--unit', GUIDE_UNIT, '--output', 'cat', '--lines', String(LOG_LINES), '--no-pager'];
  const posts = new Map<string, number>();
  const see = (address: string, count: number): void => void posts.set(address, (posts.get(address) ?? 0) + count);
  for (const line of ((await tryCommand(journal, env)) ?? '').split('\n')) {
    const address = TAKEN.exec(line)?.groups?.['address'];
    if (address !== undefined && isIP(address) !== 0) see(withoutMapping(address), 1);
  }
  for (const table of ['net/tcp', 'net/tcp6'])
    for (const address of peersOf(await readFile(`${procFolder}/${table}`, 'utf8').catch(() => ''), port)) see(address, 0);
  return [...posts].map(([address, count]) => ({ address, posts: count })).toSorted((one, other) => other.posts - one.posts);
}

/**
 * The addresses that may post without a certificate: those that were named, else those that were seen.
 *
 * @throws Failure USAGE for what is no address, or every one; MIGRATION_CLIENTS_UNKNOWN
 */
export function migrationAddresses(named: readonly string[], seen: readonly GuideClient[]): readonly string[] {
  const bad = named.find((entry) => trustedProxies([entry]) === undefined);
  if (bad !== undefined)
    throw new Failure('USAGE', `--migrate-from takes an address or a CIDR, not ${bad}.`, { hint: 'e.g. --migrate-from 10.0.0.5' });
  const everybody = named.find((entry) => /\/0+$/.test(entry));
  if (everybody !== undefined)
    throw new Failure('USAGE', `--migrate-from ${everybody} is every address: anybody could post without a certificate.`, {
      hint: 'Name the addresses or networks of the API servers: --migrate-from 10.0.0.5 --migrate-from 10.1.0.0/24',
    });
  const addresses = named.length > 0 ? named : seen.map(({ address }) => address);
  if (addresses.length > 0) return [...new Set(addresses)];
  throw new Failure('MIGRATION_CLIENTS_UNKNOWN', 'Nobody has posted to the guide’s receiver of late: its API servers are not known.', {
    hint: 'Name each address that an API server posts from: --migrate-from 10.0.0.5 --migrate-from 10.0.0.6',
  });
}

/** TCP states of include/net/tcp_states.h: a closed connection is remembered for a minute. */
const ESTABLISHED = '01';
const TIME_WAIT = '06';

/** Peers of a local port in /proc/net/tcp or tcp6: `N: LOCAL:PORT REMOTE:PORT STATE …`, addresses as hexadecimal words in the machine's order. */
function peersOf(table: string, port: number): readonly string[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/);
    if (Number.parseInt(local.split(':')[1] ?? '', 16) !== port || ![ESTABLISHED, TIME_WAIT].includes(state)) return [];
    return [addressOf(remote.split(':')[0] ?? '')];
  });
}

/** Linux runs here on little-endian machines only: each word of four bytes stands backwards. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => `${bytes[2 * index]}${bytes[2 * index + 1]}`);
  return withoutMapping(new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1));
}

/** IPv4 on a socket of both families: `::ffff:10.0.0.5`, as a URL writes it `::ffff:a00:5`. */
function withoutMapping(address: string): string {
  const mapped = /^::ffff:(?:(?<dotted>[\d.]+)|(?<high>[0-9a-f]{1,4}):(?<low>[0-9a-f]{1,4}))$/i.exec(address)?.groups;
  if (mapped === undefined) return address;
  if (mapped['dotted'] !== undefined) return mapped['dotted'];
  const [high, low] = [Number.parseInt(mapped['high'] ?? '', 16), Number.parseInt(mapped['low'] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
