import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@k8s-audit/failure';
import { type ApiAnswer, type ApiCall, basicAuthorization, callApi } from './api-call.ts';

export interface ManagerApiOptions {
  /** `https://wazuh.example:55000` */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** PEM of the authority that signed the API's certificate; Wazuh's own is self-signed and then its own authority. */
  readonly authority?: string;
  readonly timeoutMs?: number;
  /** How long a Wazuh cluster may take to give every node the same files. */
  readonly synchronizesWithinMs?: number;
}

/** The master sends files every ten seconds (cluster.json, sync_integrity); a busy cluster takes some rounds. */
const SYNCHRONIZES_WITHIN_MS = 120_000;
const POLL_MS = 1_000;
const LEAST_LOOKS = 20;

/** What an installation from afar needs of the manager's API (4.x, spec.yaml). Every call throws WAZUH_API_FAILED with the API's own words. */
export interface ManagerApi {
  info(): Promise<{ readonly version: string }>;
  /** undefined where there is no such file. */
  readRules(file: string): Promise<string | undefined>;
  /** The API tests the rules itself and puts the file before back when they do not load. */
  writeRules(file: string, text: string): Promise<void>;
  deleteRules(file: string): Promise<void>;
  readList(file: string): Promise<string | undefined>;
  writeList(file: string, text: string): Promise<void>;
  /** Which files hold these rule ids. */
  filesOfRules(ids: readonly number[]): Promise<ReadonlyMap<number, string>>;
  /**
   * Hot, from 4.13 on; of a Wazuh cluster every node, when all of them have the master's files. @returns the nodes, by name
   */
  reloadRules(): Promise<readonly string[]>;
  /** Of a Wazuh cluster every node. */
  restart(): Promise<void>;
  logtest(
    event: string,
    location: string,
  ): Promise<{ readonly rule?: { readonly id: string; readonly level: number }; readonly isAlert: boolean }>;
}

interface Nodes {
  readonly affected_items?: readonly { readonly name?: string; readonly synced?: boolean }[];
}

/** A token lives 900 s; one that has ended is fetched anew, once. */
export function createManagerApi(options: ManagerApiOptions): ManagerApi {
  let token: string | undefined;
  const call = async (method: string, path: string, body?: ApiCall['body']): Promise<ApiAnswer> => {
    token ??= await authenticate(options);
    const answer = await send(options, method, path, `Bearer ${token}`, body);
    if (answer.status !== 401) return answer;
    token = await authenticate(options);
    return send(options, method, path, `Bearer ${token}`, body);
  };
  const done = async (method: string, path: string, body?: ApiCall['body']): Promise<unknown> =>
    dataOf(await call(method, path, body), `${method} ${path}`);
  const raw = async (path: string): Promise<string | undefined> => {
    const answer = await call('GET', `${path}?raw=true`);
    // 404, or 403 with error 1415: the file is not there.
    if (answer.status === 404 || /"error":\s*1415/.test(answer.text)) return undefined;
    if (answer.status !== 200) dataOf(answer, `GET ${path}`);
    return answer.text;
  };
  const inCluster = async (): Promise<boolean> => {
    const { enabled, running } = (await done('GET', '/cluster/status')) as { readonly enabled?: string; readonly running?: string };
    return enabled === 'yes' && running === 'yes';
  };
  /** A node that reads its rules before it has the new ones goes on with the old, and nobody tells it again. */
  const synchronized = async (): Promise<void> => {
    const withinMs = options.synchronizesWithinMs ?? SYNCHRONIZES_WITHIN_MS;
    const deadlineMs = performance.now() + withinMs;
    for (;;) {
      const answer = await call('GET', '/cluster/ruleset/synchronization');
      // Before 4.3.7 nobody can be asked.
      if (answer.status === 404) return;
      const { affected_items: nodes = [] } = dataOf(answer, 'GET /cluster/ruleset/synchronization') as Nodes;
      const behind = nodes.filter(({ synced }) => synced !== true).map(({ name }) => name);
      if (behind.length === 0) return;
      if (performance.now() >= deadlineMs)
        throw failed(
          `${behind.join(', ')}: not the master’s rules after ${withinMs / 1_000} s`,
          'See the cluster’s log: /var/ossec/logs/cluster.log',
        );
      await sleep(Math.min(POLL_MS, withinMs / LEAST_LOOKS));
    }
  };
  const octets = (text: string): { type: string; text: string } => ({ type: 'application/octet-stream', text });
  return {
    info: async () => ({
      version: String(
        ((await done('GET', '/manager/info')) as { affected_items?: { version?: unknown }[] }).affected_items?.[0]?.version ?? '',
      ),
    }),
    readRules: (file) => raw(`/rules/files/${encodeURIComponent(file)}`),
    writeRules: async (file, text) => void (await done('PUT', `/rules/files/${encodeURIComponent(file)}?overwrite=true`, octets(text))),
    deleteRules: async (file) => void (await done('DELETE', `/rules/files/${encodeURIComponent(file)}`)),
    readList: (file) => raw(`/lists/files/${encodeURIComponent(file)}`),
    writeList: async (file, text) => void (await done('PUT', `/lists/files/${encodeURIComponent(file)}?overwrite=true`, octets(text))),
    async filesOfRules(ids) {
      const data = (await done('GET', `/rules?rule_ids=${ids.join(',')}&limit=${Math.max(1, ids.length)}`)) as {
        affected_items?: { id: number; filename: string }[];
      };
      return new Map((data.affected_items ?? []).map(({ id, filename }) => [id, filename]));
    },
    async reloadRules() {
      const isCluster = await inCluster();
      if (isCluster) await synchronized();
      const data = (await done('PUT', `/${isCluster ? 'cluster' : 'manager'}/analysisd/reload`)) as Nodes;
      return (data.affected_items ?? []).map(({ name }) => name ?? '');
    },
    restart: async () => void (await done('PUT', (await inCluster()) ? '/cluster/restart' : '/manager/restart')),
    async logtest(event, location) {
      const data = (await done('PUT', '/logtest', {
        type: 'application/json',
        text: JSON.stringify({ event, location, log_format: 'syslog' }),
      })) as {
        alert?: boolean;
        token?: string;
        output?: { rule?: { id: string; level: number } };
      };
      if (data.token !== undefined) await done('DELETE', `/logtest/sessions/${encodeURIComponent(data.token)}`);
      const rule = data.output?.rule;
      return { ...(rule === undefined ? {} : { rule: { id: String(rule.id), level: rule.level } }), isAlert: data.alert === true };
    },
  };
}

async function authenticate(options: ManagerApiOptions): Promise<string> {
  const answer = await send(options, 'POST', '/security/user/authenticate', basicAuthorization(options.user, options.password));
  const { token } = dataOf(answer, 'the login') as { token?: unknown };
  if (typeof token !== 'string') throw failed('the login gave no token', 'Check the user and its rights.');
  return token;
}

async function send(
  options: ManagerApiOptions,
  method: string,
  path: string,
  authorization: string,
  body?: ApiCall['body'],
): Promise<ApiAnswer> {
  try {
    return await callApi(options, { method, path, authorization, ...(body ? { body } : {}) });
  } catch (cause) {
    const hint = 'Check the address, the port (55000) and the authority of its certificate.';
    throw failed(`${options.url}: ${(cause as Error).message}`, hint, cause);
  }
}

/** An answer's `data`; the API says what is wrong in `detail`, or in `error` and `data.failed_items` with a 200. */
function dataOf({ status, text }: ApiAnswer, what: string): unknown {
  let value: {
    data?: { failed_items?: { error?: { message?: string; remediation?: string } }[] };
    error?: number;
    detail?: string;
    title?: string;
    message?: string;
  };
  try {
    value = JSON.parse(text);
  } catch {
    throw failed(`${what}: ${status}, and no JSON`, 'Is it the API of a Wazuh manager?');
  }
  if (status < 200 || status > 299)
    throw failed(
      `${what}: ${status} ${value.title ?? ''} ${value.detail ?? ''}`.trim(),
      'See what the API says; check the user’s rights (RBAC).',
    );
  if (value.error !== undefined && value.error !== 0) {
    const reason = value.data?.failed_items?.[0]?.error;
    throw failed(`${what}: ${reason?.message ?? value.message ?? `error ${value.error}`}`, reason?.remediation ?? 'See what the API says.');
  }
  return value.data ?? {};
}

function failed(message: string, hint: string, cause?: unknown): Failure {
  return new Failure('WAZUH_API_FAILED', message, { hint, cause });
}
