import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDatagram } from '@k8s-audit/wazuh-message';
import { eventually } from '../eventually.ts';
import type { FaultRow } from '../fault-row.ts';
import { type Event, handMade, listOf } from '../hand-made.ts';
import { exchange, handshake } from '../raw-connection.ts';
import type { Trial } from '../trial.ts';

const MIB = 1 << 20;

/** What the matrix allows. */
const MAX_STALL_MS = 200;

/** Row 26. */
export const stalls: FaultRow = {
  id: '26',
  fault: 'the event loop stalls: a hostile pattern, huge JSON',
  injection:
    'events of 3 to 7 MiB (one string, many members, numbers, empty objects, deep arrays, escapes, what looks like a token, a Secret of numbers, containers, rules, annotations, a list in batches of 200 KB each), and texts that make backtracking patterns explode in URI, user name, user agent and command',
  isFast: true,
  run: async (trial) => {
    const { findings } = trial;
    trial.oracle.expectForeign((k8s) => String(k8s['auditID']).startsWith(`${trial.oracle.series.token}/`));
    // Ahead of whatever else this machine does, so that its own stalls are measured and not those of its neighbours.
    const receiver = await trial.start({}, { wrapper: ['nice', '-n', '-15'] });
    await trial.postNew(50);
    await receiver.adminText('/metrics');
    const hostile = [
      'a'.repeat(200_000),
      `${'a'.repeat(100_000)}!`,
      '/'.repeat(100_000),
      'x=x='.repeat(50_000),
      `${' '.repeat(100_000)}\t`,
      '../'.repeat(60_000),
      '%'.repeat(100_000),
    ];
    const lists: (readonly Event[])[] = [
      ...hostile.map((text, index) => [
        handMade(trial, `hostile-${index}`, {
          requestURI: `/api/v1/namespaces/default/pods/x/exec?command=${text}`,
          user: { username: text },
          userAgent: text,
          objectRef: { resource: 'pods', subresource: 'exec', name: text, namespace: text },
        }),
      ]),
      ...madeToTakeLong(trial),
    ];
    let longestMs = 0;
    let isOver = false;
    const probing = (async () => {
      while (!isOver) {
        const startedAt = performance.now();
        await receiver.adminText('/livez');
        longestMs = Math.max(longestMs, performance.now() - startedAt);
        await sleep(10);
      }
    })();
    const lagsMs: { readonly name: string; readonly ms: number }[] = [];
    for (const events of lists) {
      const name = String(events[0]?.['auditID']).split('/')[1] as string;
      // What an event costs it costs each time; what a neighbour took of the machine is not there again.
      const tries: number[] = [];
      while (tries.length < 3 && Math.min(...tries) >= MAX_STALL_MS) {
        const again = events.map((event) => ({ ...event, auditID: `${event['auditID']}/${tries.length}` }));
        const result = await trial.client.post(listOf(again));
        const status = result.kind === 'answer' ? result.status : result.code;
        if (status !== 200) findings.check('own', `${name} is taken`, false, status);
        await trial.drained(receiver, 20_000);
        // Each reading begins a new maximum.
        tries.push(1_000 * (await receiver.metric('nodejs_eventloop_lag_max_seconds')));
      }
      lagsMs.push({ name, ms: Math.min(...tries) });
    }
    isOver = true;
    await probing;
    lagsMs.sort((one, other) => other.ms - one.ms);
    const lagMs = lagsMs[0]?.ms ?? 0;
    const hostileMs = Math.max(...lagsMs.flatMap(({ name, ms }) => (name.startsWith('hostile') ? [ms] : [])));
    const worst = lagsMs.slice(0, 3).map(({ name, ms }) => `${name} ${Math.round(ms)}`);
    findings.check(
      'own',
      'no pattern explodes: hostile texts hold the event loop for less than 200 ms',
      hostileMs < MAX_STALL_MS,
      `${Math.round(hostileMs)} ms`,
    );
    findings.check('own', 'events made to take long hold it for less than 200 ms', lagMs < MAX_STALL_MS, worst.join(', '));
    findings.figure('longest stalls (nodejs_eventloop_lag_max_seconds), ms', worst.join(', '));
    findings.figure('longest answer of /livez meanwhile, as this busy process saw it, ms', Math.round(longestMs));
    await trial.conclude(receiver, {
      named: [{ logged: 'event-bodies-left-out', metric: ['k8s_audit_faults_total', 'kind="bodies-left-out"'] }],
      capBytes: 768 * MIB,
    });
    findings.check(
      'I6',
      'nodejs_eventloop_lag_max_seconds names it; each event says that it was trimmed',
      lagMs > 0,
      `${lists.length} lists`,
    );
  },
};

/** Each takes a second or so where it is parsed, redacted or shaped. */
function madeToTakeLong(trial: Trial): readonly (readonly Event[])[] {
  const many = <T>(count: number, of: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => of(index));
  const object = (count: number, value: unknown): object => Object.fromEntries(many(count, (index) => [`key-${index}`, value]));
  const token = 'eyJhbGciOiJSUzI1NiJ9.eyJhbGciOiJSUzI1NiJ9.abcdefghijkl';
  const nested = JSON.parse('['.repeat(400) + ']'.repeat(400)) as unknown;
  const container = { name: 'c', image: 'i', securityContext: { privileged: true }, env: [{ name: 'A', value: 'b' }] };
  const secrets = { resource: 'secrets', namespace: 'default', name: 's', apiVersion: 'v1' };
  const made: Readonly<Record<string, Event>> = {
    'one-string': { requestObject: { data: 'x'.repeat(7 * MIB) } },
    members: { requestObject: object(100_000, 'value of a member') },
    'tiny-members': { requestObject: object(500_000, 1) },
    numbers: { requestObject: { a: many(3_500_000, () => 1) } },
    'empty-objects': { requestObject: { a: many(2_500_000, () => ({})) } },
    'half-a-million-objects': { requestObject: { a: many(450_000, () => ({})) } },
    deep: { requestObject: nested as object },
    'many-deep': { requestObject: { a: many(2_000, () => nested) } },
    escapes: { requestObject: { a: '\u0001'.repeat(1_100_000) } },
    tokens: { requestObject: { a: many(100_000, () => token) } },
    'secret-of-tokens': { objectRef: secrets, requestObject: { data: object(90_000, token) } },
    'secret-of-numbers': { objectRef: secrets, requestObject: { data: { a: many(900_000, () => 1) } } },
    containers: { requestObject: { spec: { containers: many(50_000, () => container) } } },
    rules: {
      objectRef: { resource: 'clusterroles', apiGroup: 'rbac.authorization.k8s.io', name: 'n' },
      requestObject: { rules: many(80_000, () => ({ verbs: ['*'], resources: ['*'], apiGroups: ['*'] })) },
    },
    annotations: { annotations: object(190_000, 'value') },
    groups: { user: { username: 'u', groups: many(1_000_000, () => 'g') } },
    query: { requestURI: `/api/v1/pods/exec?${'a=b&'.repeat(1_000_000)}` },
  };
  // As many as a batch of the delivery holds, each small enough to be dealt with on the main thread.
  const medium = many(16, (index) => handMade(trial, `medium-${index}`, { requestObject: { a: many(110_000, () => 1) } }));
  return [...Object.entries(made).map(([name, event]) => [handMade(trial, name, event)]), medium];
}

/** Row 29. */
export const logInjection: FaultRow = {
  id: '29',
  fault: 'log injection',
  injection:
    'newlines, ANSI escapes, queue headers and locations of the queue protocol in user name, groups, URI, user agent, audit ID, bodies and path',
  isFast: true,
  run: async (trial) => {
    const { findings, oracle } = trial;
    const seen: { readonly location: string; readonly text: string; readonly auditID: string }[] = [];
    oracle.onDatagram((datagram, k8s) => {
      const message = parseDatagram(datagram);
      seen.push({ location: message?.location ?? '', text: Buffer.from(datagram).toString('latin1'), auditID: String(k8s?.['auditID']) });
    });
    oracle.expectForeign((k8s) => String(k8s['auditID']).startsWith(oracle.series.token));
    const receiver = await trial.start();
    const attacks = [
      '\n1:k8s:{"forged":true}',
      '\r\n\r\n** Alert 1.1: - forged\n',
      '\u001b[2J\u001b[31mred',
      '\u0000cut',
      '[001] (victim) any->k8s',
      '1:[000] (other) audit->k8s:{}',
      '","k8s":{"cluster":"other"},"x":"',
      '\u2028\u2029\u0085',
      '|:||',
      '\ud800',
    ];
    const events = attacks.map((text, index) =>
      handMade(trial, `${index}${text}`, {
        user: { username: text, groups: [text] },
        userAgent: text,
        requestURI: `/${text}`,
        requestObject: { [text]: text },
        annotations: { [text]: text },
      }),
    );
    const result = await trial.client.post(listOf(events));
    findings.check(
      'own',
      'the list is taken',
      result.kind === 'answer' && result.status === 200,
      result.kind === 'answer' ? result.status : result.code,
    );
    const path = await trial.client.post('{}', { path: '/oracle%0a1:k8s:%7b%7d' });
    findings.check(
      'own',
      'a path with a newline is unknown: 404',
      path.kind === 'answer' && path.status === 404,
      path.kind === 'answer' ? path.status : path.code,
    );
    const connection = await handshake(receiver.url, trial.settings.certificates.client, { ALPNProtocols: ['http/1.1'] });
    if (connection.kind === 'connected') {
      const headers = 'User-Agent: x\u001b[31m","event":"forged"\r\nContent-Length: 2\r\n\r\n{}';
      const { answer } = await exchange(connection.socket, `POST /oracle HTTP/1.1\r\nHost: x\r\n${headers}`);
      findings.check('own', 'an escape in a header is answered 400', answer.startsWith('HTTP/1.1 400'), answer.split('\r\n')[0] ?? '');
    }
    await trial.drained(receiver, 10_000);
    await eventually(() => seen.length >= events.length, 2_000);
    const forged = seen.filter(({ location }) => location !== '[000] (oracle) audit->k8s');
    findings.check(
      'own',
      'every datagram carries the location of the cluster that the certificate names',
      forged.length === 0 && seen.length === events.length,
      `${seen.length} datagrams, ${forged.length} with another location`,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: raw control characters are what is looked for
    const raw = seen.filter(({ text }) => /[\u0000-\u001f\u007f]/.test(text));
    findings.check('own', 'no datagram holds a control character', raw.length === 0, raw.length);
    const lines = receiver.lines.filter((line) => !isOneObject(line));
    findings.check(
      'own',
      'every line of its log is one JSON object without a control character',
      lines.length === 0,
      `${receiver.lines.length} lines, ${lines.length} odd`,
    );
    await trial.conclude(receiver, { named: [{ logged: 'refused', metric: ['k8s_audit_refusals_total', 'code="unknown-path"'] }] });
  },
};

function isOneObject(line: string): boolean {
  try {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: raw control characters are what is looked for
    return typeof JSON.parse(line) === 'object' && !/[\u0000-\u001f]/.test(line);
  } catch {
    return false;
  }
}

/** Row 30. */
export const secrets: FaultRow = {
  id: '30',
  fault: 'secrets in bodies',
  injection:
    'a canary string, plain and in base64, in Secrets, token requests, token reviews, signing requests, kubectl’s last-applied annotation and patches; the process is killed while they are on disk, and started again',
  isFast: true,
  run: async (trial) => {
    const { findings, oracle } = trial;
    const canary = `canary-${Math.floor(trial.random() * 1e12).toString(36)}-hunter2`;
    const texts: string[] = [];
    oracle.onDatagram((datagram) => texts.push(Buffer.from(datagram).toString('latin1')));
    oracle.expectForeign((k8s) => String(k8s['auditID']).startsWith(oracle.series.token));
    trial.sink.pause();
    const first = await trial.start();
    const result = await trial.client.post(listOf(secretEvents(trial, canary)));
    findings.check(
      'own',
      'the list is taken',
      result.kind === 'answer' && result.status === 200,
      result.kind === 'answer' ? result.status : result.code,
    );
    const onDisk = filesWith(trial.folder, canary);
    await first.kill();
    trial.sink.resume();
    const receiver = await trial.start();
    await trial.drained(receiver, 10_000);
    const [last] = oracle.issue(1) as [number];
    await trial.post([last]);
    await eventually(() => oracle.hasArrived(last), 5_000);
    const inDatagrams = texts.filter((text) => needles(canary).some((needle) => text.includes(needle)));
    findings.check(
      'own',
      'the canary is in no file: spool, quarantine, log',
      onDisk.length === 0 && filesWith(trial.folder, canary).length === 0,
      onDisk.length === 0 ? 'none' : onDisk.join(', '),
    );
    findings.check(
      'own',
      'the canary is in no datagram',
      inDatagrams.length === 0 && texts.length > 0,
      `${texts.length} datagrams, ${inDatagrams.length} with it`,
    );
    await trial.conclude(receiver, { named: [{ logged: 'spool-not-closed', metric: ['k8s_audit_faults_total', 'kind="not-closed"'] }] });
    findings.figure('bodies with the canary', secretEvents(trial, canary).length);
  },
};

function secretEvents(trial: Trial, canary: string): readonly Event[] {
  const encoded = Buffer.from(canary).toString('base64');
  const secret = {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: {
      name: 's',
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
          kind: 'Secret',
          data: { password: encoded },
          stringData: { password: canary },
        }),
      },
    },
    data: { password: encoded },
    stringData: { password: canary },
  };
  const of = (resource: string, more: Event): Event => ({
    objectRef: { resource, namespace: 'default', name: 's', apiVersion: 'v1' },
    ...more,
  });
  return [
    handMade(trial, 'secret', of('secrets', { requestObject: secret, responseObject: secret })),
    handMade(trial, 'list', of('secrets', { verb: 'list', responseObject: { kind: 'SecretList', items: [secret, secret] } })),
    handMade(trial, 'patch', of('secrets', { verb: 'patch', requestObject: { data: { password: encoded } } })),
    handMade(
      trial,
      'json-patch',
      of('secrets', { verb: 'patch', requestObject: [{ op: 'replace', path: '/data/password', value: encoded }] }),
    ),
    handMade(trial, 'token', {
      objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'default', name: 'sa', apiVersion: 'v1' },
      responseObject: { kind: 'TokenRequest', status: { token: canary } },
    }),
    handMade(trial, 'review', {
      objectRef: { resource: 'tokenreviews', apiGroup: 'authentication.k8s.io', apiVersion: 'v1' },
      requestObject: { kind: 'TokenReview', spec: { token: canary } },
    }),
    handMade(trial, 'signing', {
      objectRef: { resource: 'certificatesigningrequests', apiGroup: 'certificates.k8s.io', apiVersion: 'v1', name: 'c' },
      responseObject: { kind: 'CertificateSigningRequest', status: { certificate: encoded }, spec: { request: encoded } },
    }),
  ];
}

function needles(canary: string): readonly string[] {
  return [canary, Buffer.from(canary).toString('base64'), Buffer.from(canary).toString('hex')];
}

function filesWith(folder: string, canary: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const text = readFileSync(file, 'latin1');
      return needles(canary).some((needle) => text.includes(needle));
    })
    .map((file) => file.slice(folder.length + 1));
}
