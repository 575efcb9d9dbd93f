import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeControlFrame } from '@k8s-audit/wazuh-message';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ControlHandler, type ControlServer, openControlServer } from './control-server.ts';
import { sendToControlSocket } from './testing.ts';

let folder: string;
let path: string;
let servers: ControlServer[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'control-'));
  path = join(folder, 'analysis');
  servers = [];
});
afterEach(async () => {
  for (const each of servers) await each.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(handler: ControlHandler = { answer: (request) => `heard ${request}` }): Promise<void> {
  servers.push(await openControlServer(path, handler));
}

describe('a control socket', () => {
  it('answers a request, however it is cut, and closes', async () => {
    await open();
    const frame = encodeControlFrame('getstats');
    expect(await sendToControlSocket(path, ...Array.from(frame, (byte) => Uint8Array.of(byte)))).toBe('heard getstats');
  });

  it('answers the first of several requests on a connection, as wazuh-analysisd does', async () => {
    await open();
    expect(await sendToControlSocket(path, Buffer.concat([encodeControlFrame('one'), encodeControlFrame('two')]))).toBe('heard one');
  });

  it('closes on what is too large, or says so', async () => {
    await open();
    expect(await sendToControlSocket(path, Buffer.from([0, 0, 1, 0]))).toBeUndefined();
    await servers.pop()?.close();
    await open({ answer: () => '', answerTooLarge: () => 'too large' });
    expect(await sendToControlSocket(path, Buffer.from([0, 0, 1, 0]))).toBe('too large');
  });

  it('closes when the answer cannot be made, and serves the next', async () => {
    let calls = 0;
    await open({
      answer: () => {
        if (++calls === 1) throw new Error('no');
        return 'yes';
      },
    });
    expect(await sendToControlSocket(path, encodeControlFrame('a'))).toBeUndefined();
    expect(await sendToControlSocket(path, encodeControlFrame('b'))).toBe('yes');
  });

  it('lets nobody wait behind a client that says nothing', async () => {
    await open();
    const silent = connect(path);
    await new Promise((resolve) => silent.once('connect', resolve));
    expect(await sendToControlSocket(path, encodeControlFrame('x'))).toBe('heard x');
    silent.destroy();
  });

  it('is for its user and group', async () => {
    await open();
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  it('takes the place of one that nobody listens to, and of no other', async () => {
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(path, resolve));
    await expect(open()).rejects.toMatchObject({ code: 'CONTROL_SOCKET_FAILED' });
    await new Promise((resolve) => dead.close(resolve));
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, 'precious');
    await expect(open()).rejects.toMatchObject({ code: 'CONTROL_SOCKET_FAILED' });
    expect(existsSync(path)).toBe(true);
  });
});
