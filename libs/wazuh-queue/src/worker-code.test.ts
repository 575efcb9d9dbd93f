import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createManagerTransport } from './manager-transport.ts';
import { openQueueReader } from './queue-reader.ts';
import type { WorkerCode } from './worker-code.ts';

/**
 * An app's bundle has the workers as files or texts, and koffi's native part beside them. In it koffi is `koffi/indirect`, which
 * looks below `process.resourcesPath`; the banner sets that before anything loads.
 */
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  const platform = `linux_${process.arch}`;
  mkdirSync(join(folder, 'koffi', platform), { recursive: true });
  const fromKoffi = createRequire(createRequire(import.meta.url).resolve('koffi'));
  const native = dirname(fromKoffi.resolve(`@koromix/koffi-linux-${process.arch}`));
  copyFileSync(join(native, platform, 'koffi.node'), join(folder, 'koffi', platform, 'koffi.node'));
  await build({
    entryPoints: ['sender', 'reader'].map((name) => join(import.meta.dirname, `${name}.worker.ts`)),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    logLevel: 'error',
    alias: { koffi: 'koffi/indirect' },
    define: { 'import.meta.url': '__bundleUrl', 'import.meta.dirname': '"/nowhere"' },
    banner: { js: "const __bundleUrl = 'file:///'; process.resourcesPath = require('node:worker_threads').workerData.nativeFolder;" },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asFile = (name: string): WorkerCode => ({
  code: pathToFileURL(join(folder, `${name}.worker.cjs`)),
  isText: false,
  nativeFolder: folder,
});
const asText = (name: string): WorkerCode => ({
  code: readFileSync(join(folder, `${name}.worker.cjs`), 'utf8'),
  isText: true,
  nativeFolder: folder,
});

it.each([
  ['files', asFile],
  ['texts', asText],
])('sends and receives with workers that are bundled as %s', async (_, codeOf) => {
  const socketPath = join(folder, 'queue');
  const got: string[] = [];
  const reader = await openQueueReader({
    socketPath,
    workerCode: codeOf('reader'),
    onMessages: (messages) => void got.push(...messages.map((each) => Buffer.from(each).toString())),
  });
  const transport = createManagerTransport({ socketPath, workerCode: codeOf('sender') });
  expect(await transport.send([Buffer.from('1:k8s:{}')])).toEqual({ kind: 'sent' });
  await transport.close();
  await reader.close();
  expect(got).toEqual(['1:k8s:{}']);
});

it('says what is wrong when a worker cannot start', async () => {
  const transport = createManagerTransport({
    socketPath: join(folder, 'queue'),
    workerCode: { code: 'throw new Error("no koffi here")', isText: true, nativeFolder: '/' },
  });
  await expect(transport.send([Buffer.from('x')])).rejects.toMatchObject({
    code: 'QUEUE_WORKER_DIED',
    message: expect.stringContaining('no koffi here'),
  });
  await expect(transport.send([Buffer.from('x')])).rejects.toMatchObject({ code: 'QUEUE_WORKER_DIED' });
  await transport.close();
  const workerCode = { code: 'process.exit(0)', isText: true, nativeFolder: '/' };
  await expect(openQueueReader({ socketPath: join(folder, 'queue'), workerCode, onMessages: () => undefined })).rejects.toMatchObject({
    code: 'QUEUE_WORKER_DIED',
  });
});
