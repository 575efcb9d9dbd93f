import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { createAuthority, issueClusterCertificate, issueServerCertificate } from '@k8s-audit/certs';
import { CLUSTER, credentialsOf } from '../certificates.ts';
import type { FaultRow } from '../fault-row.ts';
import { exchange, handshake, openIdle, portOf } from '../raw-connection.ts';
import type { ReceiverProcess } from '../receiver-process.ts';
import type { Trial } from '../trial.ts';

const MIB = 1 << 20;

/** Ahead of whatever else the machine does: what a neighbour takes of it is not what is measured. */
const MEASURED = { wrapper: ['nice', '-n', '-15'] };

/** Answers of a valid client, one list at a time, while something else goes on. */
async function p99While(
  trial: Trial,
  work: () => Promise<unknown>,
): Promise<{ readonly p99: number; readonly posts: number; readonly failed: number }> {
  // An API server has its connections before the flood comes, and keeps them.
  await trial.postNew(2);
  const answersMs: number[] = [];
  let failed = 0;
  let isOver = false;
  const posting = (async () => {
    while (!isOver) {
      const result = await trial.postNew(2);
      answersMs.push(result.ms);
      if (result.kind !== 'answer' || result.status !== 200) failed++;
      await sleep(10);
    }
  })();
  await work();
  isOver = true;
  await posting;
  answersMs.sort((a, b) => a - b);
  return { p99: answersMs[Math.floor(answersMs.length * 0.99)] ?? 0, posts: answersMs.length, failed };
}

function checkValidClient(trial: Trial, { p99, posts, failed }: Awaited<ReturnType<typeof p99While>>): void {
  trial.findings.check(
    'own',
    'meanwhile a valid client gets every answer, p99 below 1 s',
    p99 < 1_000 && failed === 0 && posts > 20,
    `p99 ${Math.round(p99)} ms of ${posts} posts, ${failed} failed`,
  );
  trial.findings.figure('p99 of a valid client, ms', Math.round(p99));
}

/** Row 15. */
export const tlsHandshakes: FaultRow = {
  id: '15',
  fault: 'old TLS, weak ciphers, garbage, connections that never say hello',
  injection:
    'handshakes with TLS 1.0 and 1.1, with ciphers without forward secrecy, with garbage in place of a hello; 10,000 idle TCP connections (fast: 2,000) while a valid client posts',
  isFast: true,
  run: async (trial) => {
    const { findings, settings } = trial;
    const receiver = await trial.start({}, MEASURED);
    const { client } = settings.certificates;
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      const result = await handshake(receiver.url, client, { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' });
      findings.check('own', `${version} is refused`, result.kind === 'refused', result.kind === 'refused' ? result.code : 'connected');
    }
    for (const ciphers of ['AES128-SHA', 'AES256-GCM-SHA384', 'NULL-SHA256:@SECLEVEL=0', 'DES-CBC3-SHA:@SECLEVEL=0']) {
      const result = await handshake(receiver.url, client, { ciphers, maxVersion: 'TLSv1.2' }).catch(
        (error: Error) => ({ kind: 'refused', code: error.message }) as const,
      );
      findings.check('own', `${ciphers} is refused`, result.kind === 'refused', result.kind === 'refused' ? result.code : 'connected');
    }
    const garbage = await exchange(connectTcp({ host: '127.0.0.1', port: portOf(receiver.url) }), Buffer.alloc(2_000, 0x41), 12_000);
    findings.check('own', 'garbage in place of a hello ends the connection', garbage.isClosed, garbage.isClosed ? 'closed' : 'still open');
    const plain = await exchange(
      connectTcp({ host: '127.0.0.1', port: portOf(receiver.url) }),
      'POST /oracle HTTP/1.1\r\nHost: x\r\n\r\n',
      12_000,
    );
    findings.check(
      'own',
      'plain HTTP gets no answer',
      plain.isClosed && !plain.answer.includes('HTTP/1.1 2'),
      plain.answer.split('\r\n')[0] || 'closed without an answer',
    );

    const count = settings.isFast ? 2_000 : 10_000;
    let idle: readonly Socket[] = [];
    const seen = await p99While(trial, async () => {
      idle = await openIdle(receiver.url, count);
      await sleep(settings.isFast ? 2_000 : 13_000);
    });
    checkValidClient(trial, seen);
    const left = idle.filter((socket) => !socket.destroyed).length;
    if (!settings.isFast)
      findings.check('own', 'who says nothing is cut off after 10 s', left === 0, `${left} of ${count} still open after 13 s`);
    for (const socket of idle) socket.destroy();
    findings.figure('idle connections', count);
    await trial.conclude(receiver, {
      named: [{ logged: 'connection-refused', metric: ['k8s_audit_refusals_total', 'status="0"'] }],
      capBytes: 768 * MIB,
    });
  },
};

/** Row 16. */
export const certificates: FaultRow = {
  id: '16',
  fault: 'no, foreign, expired, early, misused or revoked client certificates',
  injection:
    'handshakes with no certificate, one of another authority, one that has ended, one that has not begun, a server’s; a certificate of one cluster on the path of another; one that is revoked by list while it holds a connection open; the server’s replaced under load',
  isFast: true,
  run: async (trial) => {
    const { findings, settings } = trial;
    const revokedList = join(settings.folder, 'revoked');
    writeFileSync(revokedList, '');
    const receiver = await trial.start({ tls: { revoked: revokedList } });
    const { authority, server, client, otherClient } = settings.certificates;
    const nowMs = Date.now();
    const stranger = await createAuthority({ nowMs });
    const year = 366 * 24 * 3_600_000;
    const cases = [
      ['no certificate', { authority: authority.certificatePem }],
      [
        'another authority',
        { ...credentialsOf(stranger, await issueClusterCertificate(stranger, CLUSTER, { nowMs })), authority: authority.certificatePem },
      ],
      [
        'ended',
        credentialsOf(authority, await issueClusterCertificate(authority, CLUSTER, { nowMs: nowMs - 4 * year }).catch(() => server)),
      ],
      ['not begun', credentialsOf(authority, await issueClusterCertificate(authority, CLUSTER, { nowMs: nowMs + year / 2 }))],
      ['a server’s', credentialsOf(authority, server)],
    ] as const;
    for (const [name, credentials] of cases) {
      const result = await handshake(receiver.url, credentials);
      const answer =
        result.kind === 'connected'
          ? (await exchange(result.socket, 'POST /oracle HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')).answer
          : '';
      const isRefused = result.kind === 'refused' || answer === '' || /HTTP\/1\.1 40[13]/.test(answer);
      findings.check('own', `${name}: refused`, isRefused, result.kind === 'refused' ? result.code : answer.split('\r\n')[0] || 'closed');
    }
    const other = trial.newClient(otherClient);
    const result = await other.post(trial.oracle.listOf(trial.oracle.issue(1)));
    findings.check(
      'own',
      'a certificate of one cluster on the path of another: 403',
      result.kind === 'answer' && result.status === 403,
      result.kind === 'answer' ? `${result.status} ${result.body.trim()}` : result.code,
    );
    const good = await handshake(receiver.url, client);
    findings.check('own', 'the right one is let in', good.kind === 'connected', good.kind);
    if (good.kind === 'connected') good.socket.destroy();
    await revokeWhileConnected(trial, receiver, revokedList);
    await swapServerCertificate(trial, receiver);
    await trial.conclude(receiver, {
      named: [
        { logged: 'connection-refused', metric: ['k8s_audit_refusals_total', 'status="0"'] },
        { logged: 'refused', metric: ['k8s_audit_refusals_total', 'code="cluster-mismatch"'] },
        { logged: 'connection-refused', metric: ['k8s_audit_refusals_total', 'code="certificate-revoked"'] },
      ],
    });
  },
};

/** A second certificate of the same cluster goes onto the list: its open connection ends, it gets no other, and the first one goes on. */
async function revokeWhileConnected(trial: Trial, receiver: ReceiverProcess, list: string): Promise<void> {
  const { findings, settings } = trial;
  const { authority } = settings.certificates;
  const stolen = await issueClusterCertificate(authority, CLUSTER, { nowMs: Date.now() });
  const held = await handshake(receiver.url, credentialsOf(authority, stolen));
  findings.check('own', 'not yet revoked: let in', held.kind === 'connected', held.kind);
  if (held.kind !== 'connected') return;
  const closed = new Promise<true>((resolve) => held.socket.once('close', () => resolve(true)));
  held.socket.on('error', () => undefined);
  writeFileSync(list, `${new X509Certificate(stolen.certificatePem).serialNumber}\n`);
  receiver.signal('SIGHUP');
  const isClosed = await Promise.race([closed, sleep(10_000, false)]);
  findings.check('own', 'revoked by list, SIGHUP: its open connection ends', isClosed, isClosed ? 'closed' : 'still open');
  const again = await handshake(receiver.url, credentialsOf(authority, stolen));
  const request = 'POST /oracle HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}';
  const answer = again.kind === 'connected' ? (await exchange(again.socket, request)).answer : '';
  const isRefused = answer === '' || answer.startsWith('HTTP/1.1 403') || answer.startsWith('HTTP/1.1 401');
  findings.check('own', 'and it gets in no more', isRefused, answer.split('\r\n')[0] || 'closed');
  const kept = await trial.postNew(1);
  findings.check('own', 'the cluster’s other certificate goes on', kept.kind === 'answer' && kept.status === 200, kept.kind);
}

/** The server's certificate is replaced under load: no post may fail, and new connections see the new one. */
async function swapServerCertificate(trial: Trial, receiver: ReceiverProcess): Promise<void> {
  const { settings, findings } = trial;
  const { authority, folder, client } = settings.certificates;
  const before = await serialOf(receiver.url, client);
  const renewed = await issueServerCertificate(authority, ['127.0.0.1'], { nowMs: Date.now() });
  const seen = await p99While(trial, async () => {
    await sleep(300);
    writeFileSync(join(folder, 'server.key'), renewed.privateKeyPem);
    writeFileSync(join(folder, 'server.crt'), renewed.certificatePem);
    receiver.signal('SIGHUP');
    await sleep(1_500);
  });
  const after = await serialOf(receiver.url, client);
  findings.check(
    'own',
    'a new server certificate under load, SIGHUP: no post fails',
    seen.failed === 0 && seen.posts > 10,
    `${seen.posts} posts, ${seen.failed} failed`,
  );
  findings.check(
    'own',
    'new connections see the new certificate',
    before !== after && after !== '',
    before === after ? 'the old one' : 'the new one',
  );
}

async function serialOf(url: string, credentials: Trial['settings']['certificates']['client']): Promise<string> {
  const connection = await handshake(url, credentials);
  if (connection.kind === 'refused') return '';
  const { serialNumber } = connection.socket.getPeerCertificate();
  connection.socket.destroy();
  return serialNumber;
}

/** Row 17. */
export const slowClients: FaultRow = {
  id: '17',
  fault: 'thousands of connections, slow headers, slow bodies, slow readers, resets',
  injection:
    '10,000 (fast: 2,000) TLS-less, 300 identified connections that send a byte a second of header or body, 200 that never read, 2,000 resets, while a valid client posts',
  isFast: true,
  run: async (trial) => {
    const { settings, findings } = trial;
    const receiver = await trial.start({}, MEASURED);
    const { client } = settings.certificates;
    const sockets: Socket[] = [];
    const count = settings.isFast ? 2_000 : 10_000;
    const slow = settings.isFast ? 60 : 300;
    const seen = await p99While(trial, async () => {
      sockets.push(...(await openIdle(receiver.url, count)));
      for (let each = 0; each < slow; each++) {
        const socket = connectTls({
          host: '127.0.0.1',
          port: portOf(receiver.url),
          ca: client.authority,
          cert: client.certificate,
          key: client.key,
        });
        socket.on('error', () => undefined);
        socket.once('secureConnect', () =>
          socket.write(
            each % 2 === 0 ? 'POST /oracle HTTP/1.1\r\nHost: x\r\n' : 'POST /oracle HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{',
          ),
        );
        const timer = setInterval(() => socket.writable && socket.write(each % 2 === 0 ? 'X' : ' '), 1_000);
        socket.once('close', () => clearInterval(timer));
        sockets.push(socket);
        // Handshakes are the dear part: a client that makes them as fast as it can is another row.
        if (each % 20 === 19) await sleep(50);
      }
      for (let each = 0; each < 2_000; each++) {
        const socket = connectTcp({ host: '127.0.0.1', port: portOf(receiver.url) });
        socket.on('error', () => undefined);
        socket.once('connect', () => socket.resetAndDestroy());
        if (each % 200 === 199) await sleep(20);
      }
      await sleep(settings.isFast ? 3_000 : 14_000);
    });
    checkValidClient(trial, seen);
    if (!settings.isFast) {
      const open = sockets.slice(count).filter((socket, index) => index % 2 === 0 && !socket.destroyed).length;
      findings.check('own', 'slow headers are cut off', open === 0, `${open} of ${slow / 2} still open after 14 s`);
    }
    for (const socket of sockets) socket.destroy();
    findings.figure('connections', count + slow);
    await trial.conclude(receiver, { named: [], capBytes: 1_024 * MIB });
    const counted = await receiver.metric('k8s_audit_refusals_total');
    findings.check(
      'I6',
      'refusals are counted and logged',
      counted > 0 && receiver.logged('connection-refused').length + receiver.logged('refused').length > 0,
      `${counted} refusals`,
    );
  },
};

/** Row 18. */
export const noHttp2: FaultRow = {
  id: '18',
  fault: 'HTTP/2 rapid reset, CONTINUATION, SETTINGS and PING floods',
  injection:
    'none is possible: a client that offers only h2 finds no protocol, one that offers both gets http/1.1, and an HTTP/2 preface on that connection is no request',
  isFast: true,
  run: async (trial) => {
    const { findings, settings } = trial;
    const receiver = await trial.start();
    const { client } = settings.certificates;
    const onlyH2 = await handshake(receiver.url, client, { ALPNProtocols: ['h2'] });
    findings.check(
      'own',
      'ALPN with h2 alone is refused',
      onlyH2.kind === 'refused' || onlyH2.socket.alpnProtocol !== 'h2',
      onlyH2.kind === 'refused' ? onlyH2.code : String(onlyH2.socket.alpnProtocol),
    );
    const both = await handshake(receiver.url, client, { ALPNProtocols: ['h2', 'http/1.1'] });
    findings.check(
      'own',
      'ALPN with both gives http/1.1',
      both.kind === 'connected' && both.socket.alpnProtocol === 'http/1.1',
      both.kind === 'connected' ? String(both.socket.alpnProtocol) : both.code,
    );
    if (both.kind === 'connected') {
      const preface = await exchange(both.socket, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
      findings.check(
        'own',
        'a preface is answered 400, and the connection closed',
        preface.answer.startsWith('HTTP/1.1 400') && preface.isClosed,
        preface.answer.split('\r\n')[0] || 'closed without an answer',
      );
    }
    const session = await new Promise<string>((resolve) => {
      const http2 = connectHttp2(receiver.url, { ca: client.authority, cert: client.certificate, key: client.key });
      http2.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      http2.once('connect', () => resolve('a session'));
      http2.setTimeout(3_000, () => resolve('no session'));
    });
    findings.check('own', 'an HTTP/2 client gets no session', session !== 'a session', session);
    await trial.conclude(receiver, { named: [{ logged: 'connection-refused', metric: ['k8s_audit_refusals_total', 'status="0"'] }] });
  },
};

/** Row 19. */
export const smuggling: FaultRow = {
  id: '19',
  fault: 'request smuggling',
  injection:
    'Content-Length with Transfer-Encoding, two lengths, a folded header, a bare line feed, a space before the colon, a chunk size that overflows, a NUL in a header',
  isFast: true,
  run: async (trial) => {
    const { findings, settings } = trial;
    const receiver = await trial.start();
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
    const forms: readonly (readonly [string, string])[] = [
      ['length and chunks', `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
      ['two lengths', `Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}${smuggled}`],
      ['a folded header', `X-A: b\r\n Content-Length: 2\r\n\r\n{}${smuggled}`],
      ['a bare line feed', `X-A: b\nContent-Length: 2\r\n\r\n{}${smuggled}`],
      ['a space before the colon', `Content-Length : 2\r\n\r\n{}${smuggled}`],
      ['a chunk size that overflows', `Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n${smuggled}`],
      ['an unknown transfer encoding', `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`],
      ['a NUL in a header', `X-A: b\0c\r\nContent-Length: 2\r\n\r\n{}${smuggled}`],
    ];
    for (const [name, rest] of forms) {
      const connection = await handshake(receiver.url, settings.certificates.client, { ALPNProtocols: ['http/1.1'] });
      if (connection.kind === 'refused') throw new Error(`no connection for ${name}: ${connection.code}`);
      const { answer, isClosed } = await exchange(connection.socket, `POST /oracle HTTP/1.1\r\nHost: x\r\n${rest}`);
      const answers = answer.split('\r\n').filter((line) => line.startsWith('HTTP/1.1 '));
      findings.check(
        'own',
        `${name}: one answer of 400, then the end`,
        answers.length === 1 && answers[0]?.startsWith('HTTP/1.1 400') === true && isClosed,
        `${answers.join(', ') || 'no answer'}${isClosed ? '' : ', still open'}`,
      );
    }
    await trial.conclude(receiver, { named: [] });
    const counted = await receiver.metric('k8s_audit_refusals_total');
    const lines = receiver.logged('refused').length;
    findings.check('I6', 'they are counted and logged', counted >= forms.length && lines > 0, `${counted} counted, ${lines} lines`);
  },
};
