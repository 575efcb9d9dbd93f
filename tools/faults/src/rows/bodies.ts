import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import type { FaultRow } from '../fault-row.ts';
import { exchange, handshake } from '../raw-connection.ts';
import type { Trial } from '../trial.ts';

const MIB = 1 << 20;

/** Row 11. */
export const bodyTooLarge: FaultRow = {
  id: '11',
  fault: 'body over the limit; chunked without a length; a length that lies',
  injection:
    'limits.bodyBytes 16 MiB: 17 MiB with a length, 40 MiB chunked, 16 bodies of 16 MiB at once into a budget of 64 MiB, a body shorter and one longer than announced',
  isFast: true,
  run: async (trial) => {
    const { findings } = trial;
    const receiver = await trial.start({ limits: { bodyBytes: '16 MiB', inFlightBytes: '64 MiB' } });
    const announced = await trial.client.post(Buffer.alloc(17 * MIB, 0x20));
    findings.check('own', 'a longer body is answered 413', announced.kind === 'answer' && announced.status === 413, said(announced));
    const chunked = await postChunked(trial, 40 * MIB);
    findings.check(
      'own',
      'a chunked one is answered 413 when it grows over the limit, not read to its end',
      chunked.status === 413 && chunked.sentBytes < 40 * MIB,
      `${chunked.status} after ${(chunked.sentBytes / MIB).toFixed(1)} MiB`,
    );

    const [large] = trial.oracle.issue(1, { bodyBytes: 10_000 }) as [number];
    const padded = trial.oracle.listOf([large]).padEnd(15 * MIB, ' ');
    const many = await Promise.all(Array.from({ length: 16 }, () => trial.client.post(padded)));
    const statuses = many.map((each) => (each.kind === 'answer' ? each.status : each.code));
    if (statuses.includes(200)) trial.oracle.acknowledge([large]);
    findings.check(
      'own',
      '16 bodies of 15 MiB at once: each 200, or 503 with Retry-After',
      many.every((each) => each.kind === 'answer' && (each.status === 200 || (each.status === 503 && each.retryAfter !== undefined))),
      count(statuses),
    );

    const short = await sendRaw(trial, `Content-Length: 5000\r\n\r\n{"kind":"Event"}`);
    findings.check(
      'own',
      'a body shorter than announced is not stored',
      !short.answer.includes(' 200 '),
      short.answer.split('\r\n')[0] || 'no answer, closed',
    );
    const [whole] = trial.oracle.issue(1) as [number];
    const list = trial.oracle.listOf([whole]);
    const long = await sendRaw(trial, `Content-Length: ${Buffer.byteLength(list)}\r\n\r\n${list}GARBAGE\r\n\r\n`);
    if (long.answer.includes('HTTP/1.1 200')) trial.oracle.acknowledge([whole]);
    findings.check(
      'own',
      'what follows a body is no request: answered 400, and the connection closed',
      long.answer.includes('HTTP/1.1 400') && long.isClosed,
      long.answer
        .split('\r\n')
        .filter((line) => line.startsWith('HTTP'))
        .join(', '),
    );
    await trial.conclude(receiver, {
      named: [{ logged: 'refused', metric: ['k8s_audit_refusals_total', 'code="body-too-large"'] }],
      capBytes: 512 * MIB,
    });
  },
};

/** Row 12. */
export const eventTooLarge: FaultRow = {
  id: '12',
  fault: 'event larger than a datagram',
  injection: 'events whose wire form is up to 65,535 bytes and beyond, byte by byte around the limit, and of 100 KB, 1 MB and 7 MB',
  isFast: true,
  run: async (trial) => {
    const { findings, oracle } = trial;
    const datagrams: { readonly bytes: number; readonly isJson: boolean; readonly trimmed: boolean; readonly auditID: string }[] = [];
    oracle.onDatagram((datagram, k8s) =>
      datagrams.push({
        bytes: datagram.byteLength,
        isJson: k8s !== undefined,
        trimmed: k8s?.['trimmed'] !== undefined,
        auditID: String(k8s?.['auditID']),
      }),
    );
    const receiver = await trial.start({ limits: { itemBytes: '8 MiB' } });
    // Bodies have a cap of their own (30,000 bytes together): below it nothing is trimmed.
    const whole = [0, 1_000, 20_000, 29_000];
    const trimmed = [30_000, 40_000, 65_534, 65_535, 65_536, 65_537, 100_000, 1_000_000, 7_000_000];
    const changed = new Set<number>();
    oracle.allowChanges((id) => changed.has(id));
    for (const bodyBytes of [...whole, ...trimmed]) {
      const ids = oracle.issue(1, { bodyBytes });
      if (trimmed.includes(bodyBytes)) for (const id of ids) changed.add(id);
      await trial.post(ids);
    }
    await trial.drained(receiver, 20_000);
    const largest = Math.max(...datagrams.map(({ bytes }) => bytes));
    findings.check('own', 'no datagram is longer than 65,535 bytes with its header', largest <= 65_535, `largest ${largest}`);
    findings.check(
      'own',
      'each is whole JSON',
      datagrams.every(({ isJson }) => isJson),
      `${datagrams.length} datagrams`,
    );
    const marked = datagrams.filter((each) => each.trimmed).length;
    findings.check(
      'own',
      'exactly those are marked as trimmed that did not fit',
      marked === trimmed.length,
      `${marked} of ${trimmed.length}`,
    );
    await trial.conclude(receiver, { named: [], capBytes: 512 * MIB });
    findings.check('I6', 'the event itself names it (k8s.trimmed); the archive finds it by auditID', marked > 0, `${marked} events say so`);
  },
};

/** Row 13. */
export const malformed: FaultRow = {
  id: '13',
  fault: 'malformed bodies and items',
  injection:
    'no JSON, bad UTF-8, lone surrogates, NUL, a depth of a million, duplicate keys, __proto__, numbers over 2^53, a wrong kind; and lists of 400 with one bad item',
  isFast: true,
  run: async (trial) => {
    const { findings, oracle } = trial;
    // An object with little or nothing of an event in it is one all the same: what it lacks is left out.
    oracle.expectForeign((k8s) => ['undefined', '\ufffd', 'x'].includes(String(k8s['auditID'])));
    const receiver = await trial.start();
    const garbage: readonly (readonly [string, string | Uint8Array])[] = [
      ['empty', ''],
      ['no JSON', 'audit'],
      ['an empty object', '{}'],
      ['a wrong kind', '{"kind":"Pod","apiVersion":"v1"}'],
      ['bytes that are no text', Buffer.alloc(1_000, 0xff)],
      ['NUL bytes', Buffer.alloc(1_000)],
      ['a depth of a million', '['.repeat(1_000_000)],
    ];
    const answers = await Promise.all(garbage.map(async ([name, body]) => [name, await trial.client.post(body)] as const));
    const others = answers.filter(([, result]) => !(result.kind === 'answer' && result.status === 400));
    findings.check(
      'own',
      'a body without any event is answered 400',
      others.length === 0,
      others.length === 0 ? `${garbage.length} bodies` : others.map(([name, result]) => `${name}: ${said(result)}`).join(', '),
    );

    const bad: readonly (readonly [string, string])[] = [
      ['a number', '7'],
      ['a string', '"event"'],
      ['another kind', '{"kind":"Pod"}'],
      ['a depth of 100,000', `{"auditID":"x","requestObject":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ];
    for (const [name, item] of bad) {
      const ids = oracle.issue(399);
      const items = ids.map((id) => JSON.stringify(oracle.event(id)));
      items.splice(200, 0, item);
      const result = await trial.client.post(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[${items.join(',')}]}`);
      if (result.kind === 'answer' && result.status === 200) oracle.acknowledge(ids);
      findings.check(
        'own',
        `one bad item of 400 (${name}): 200, the others are kept`,
        result.kind === 'answer' && result.status === 200,
        said(result),
      );
    }
    const odd = oracle.issue(3).map((id) => ({ id, event: oracle.event(id) }));
    const texts = odd.map(({ event }, index) =>
      JSON.stringify(event).replace(
        '"annotations":',
        [
          '"constructor":9007199254740993,"annotations":',
          '"verb":"create","verb":"create","annotations":',
          '"__proto__":{"a":1},"annotations":',
        ][index] as string,
      ),
    );
    const result = await trial.client.post(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[${texts.join(',')}]}`);
    if (result.kind === 'answer' && result.status === 200) oracle.acknowledge(odd.map(({ id }) => id));
    const poor = await trial.client.post(
      '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"auditID":"\\ud800"},{"__proto__":{"auditID":"x"}}]}',
    );
    findings.check(
      'own',
      'a lone surrogate, and __proto__ in place of an event: 200',
      poor.kind === 'answer' && poor.status === 200,
      said(poor),
    );
    const cut = oracle.issue(5);
    const half = oracle.listOf(cut).slice(0, -30);
    const broken = await trial.client.post(half);
    if (broken.kind === 'answer' && broken.status === 200) oracle.acknowledge(cut.slice(0, 4));
    findings.check(
      'own',
      'a list that breaks off keeps what stands before',
      broken.kind === 'answer' && broken.status === 200,
      said(broken),
    );
    await trial.drained(receiver, 20_000);
    const { total } = await receiver.books();
    findings.check('own', 'what was bad is counted as quarantined', total.quarantined >= bad.length, total.quarantined);
    await trial.conclude(receiver, {
      named: [
        { logged: 'odd-batch', metric: ['k8s_audit_events_quarantined_total'] },
        { logged: 'refused', metric: ['k8s_audit_refusals_total', 'code="no-event"'] },
      ],
    });
    findings.figure('items quarantined', total.quarantined);
  },
};

/** Row 14. */
export const compressed: FaultRow = {
  id: '14',
  fault: 'gzip bomb, nested and cut encodings',
  injection:
    'a gzip body of 1 MiB that unpacks to 1 GiB, eight times at once beside a valid client; gzip in gzip, deflate, an unknown encoding; gzip of several members, cut, damaged, followed by garbage; and an honest one',
  isFast: true,
  run: async (trial) => {
    const { findings, oracle } = trial;
    const receiver = await trial.start({ limits: { bodyBytes: '32 MiB', inFlightBytes: '512 MiB' } });
    const gzip = { 'Content-Encoding': 'gzip' };
    const honest = oracle.issue(20);
    const list = oracle.listOf(honest);
    const packed = gzipSync(list);
    const good = await trial.client.post(packed, { headers: gzip });
    if (good.kind === 'answer' && good.status === 200) oracle.acknowledge(honest);
    findings.check('own', 'an honest gzip body is taken: 200', said(good) === '200', said(good));

    const refused: readonly (readonly [string, number, Uint8Array, string])[] = [
      ['gzip in gzip, both named', 415, gzipSync(packed), 'gzip, gzip'],
      ['gzip in gzip, one named', 400, gzipSync(packed), 'gzip'],
      ['deflate', 415, deflateSync(list), 'deflate'],
      ['an unknown encoding', 415, packed, 'zstd'],
      ['no gzip', 400, Buffer.from(list), 'gzip'],
    ];
    for (const [name, status, body, encoding] of refused) {
      const result = await trial.client.post(body, { headers: { 'Content-Encoding': encoding } });
      findings.check('own', `${name}: ${status}`, said(result) === String(status), said(result));
    }

    // Stored and not packed, so that where it is cut tells which events stand before.
    const cut = oracle.issue(20);
    const stored = gzipSync(oracle.listOf(cut), { level: 0 });
    const half = await trial.client.post(stored.subarray(0, stored.indexOf(String(oracle.event(cut[11] as number)['auditID']))), {
      headers: gzip,
    });
    if (said(half) === '200') oracle.acknowledge(cut.slice(0, 11));
    findings.check('own', 'a stream that breaks off keeps the events that stand before: 200', said(half) === '200', said(half));
    const others = oracle.issue(40);
    const members = [oracle.listOf(others.slice(0, 20)), oracle.listOf(others.slice(20))];
    const two = [(members[0] as string).slice(0, 3_000), (members[0] as string).slice(3_000)].map((part) => gzipSync(part));
    const several = await trial.client.post(Buffer.concat(two), { headers: gzip });
    if (said(several) === '200') oracle.acknowledge(others.slice(0, 20));
    findings.check('own', 'two members that make one list: 200', said(several) === '200', said(several));
    const tail = await trial.client.post(Buffer.concat([gzipSync(members[1] as string), Buffer.from('garbage')]), { headers: gzip });
    findings.check(
      'own',
      'a stream followed by garbage: 200 or 400, never more than what it holds',
      /200|400/.test(said(tail)),
      said(tail),
    );
    if (said(tail) === '200') oracle.acknowledge(others.slice(20));

    const bombs = trial.newClient();
    const blasts = Promise.all(Array.from({ length: 8 }, () => bombs.post(bomb(), { headers: gzip })));
    let isOver = false;
    const answersMs: number[] = [];
    const beside = (async () => {
      while (!isOver || answersMs.length < 20) answersMs.push((await trial.postNew(1)).ms);
    })();
    const ends = (await blasts).map(said);
    isOver = true;
    await beside;
    findings.check(
      'own',
      'a bomb is answered 413 when it is over the limit, whatever is still to come',
      ends.every((end) => end === '413' || end === 'EPIPE' || end === 'ECONNRESET') &&
        (await receiver.metric('k8s_audit_refusals_total', 'code="body-too-large"')) === 8,
      count(ends),
    );
    const unpackedMiB = (await receiver.metric('k8s_audit_gzip_bytes_total', 'state="unpacked"')) / MIB;
    findings.check('own', 'and is unpacked no further', unpackedMiB < 8 * 32 + 16, `${Math.round(unpackedMiB)} MiB of 8 GiB`);
    const slowestMs = Math.max(...answersMs);
    findings.check('own', 'a valid client beside them waits less than a second', slowestMs < 1_000, `${Math.round(slowestMs)} ms`);
    await trial.conclude(receiver, {
      named: [
        { logged: 'refused', metric: ['k8s_audit_refusals_total', 'code="body-too-large"'] },
        { logged: 'refused', metric: ['k8s_audit_refusals_total', 'code="encoded-body"'] },
        { logged: 'odd-batch', metric: ['k8s_audit_gzip_bytes_total', 'state="packed"'] },
      ],
    });
    findings.figure('slowest answer beside eight bombs, ms', Math.round(slowestMs));
  },
};

function bomb(): Uint8Array {
  // gzip members may follow one another: 64 of 16 MiB of spaces each.
  const member = gzipSync(Buffer.alloc(16 * MIB, 0x20));
  return Buffer.concat(Array.from({ length: 64 }, () => member));
}

function said(result: Awaited<ReturnType<Trial['post']>>): string {
  return result.kind === 'answer' ? String(result.status) : result.code;
}

function count(values: readonly (string | number)[]): string {
  return [...new Set(values)].map((value) => `${values.filter((each) => each === value).length} × ${value}`).join(', ');
}

/** Posts chunks until it is answered. */
function postChunked(trial: Trial, bytes: number): Promise<{ readonly status: number; readonly sentBytes: number }> {
  const { authority, certificate, key } = trial.settings.certificates.client;
  return new Promise((resolve) => {
    let sentBytes = 0;
    let answered = 0;
    const post = request(new URL('/oracle', trial.client.url), { method: 'POST', ca: authority, cert: certificate, key, agent: false });
    post.on('response', (response) => {
      answered = response.statusCode as number;
      response.resume();
      resolve({ status: answered, sentBytes });
    });
    post.on('error', () => resolve({ status: answered, sentBytes }));
    const send = async (): Promise<void> => {
      while (sentBytes < bytes && answered === 0 && !post.destroyed) {
        sentBytes += MIB;
        if (!post.write(Buffer.alloc(MIB, 0x20))) await Promise.race([new Promise((drained) => post.once('drain', drained)), sleep(1_000)]);
      }
      post.end();
    };
    void send();
  });
}

async function sendRaw(trial: Trial, afterHost: string): Promise<{ readonly answer: string; readonly isClosed: boolean }> {
  const connection = await handshake(trial.client.url, trial.settings.certificates.client, { ALPNProtocols: ['http/1.1'] });
  if (connection.kind === 'refused') return { answer: connection.code, isClosed: true };
  return exchange(connection.socket, `POST /oracle HTTP/1.1\r\nHost: receiver\r\nContent-Type: application/json\r\n${afterHost}`);
}
