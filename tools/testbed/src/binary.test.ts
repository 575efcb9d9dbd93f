import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ensureTestbedBinary } from './binary.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
let sourceFolder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'testbed-binary-'));
  sourceFolder = join(folder, 'source');
  mkdirSync(join(folder, 'bin'));
  mkdirSync(sourceFolder);
  writeFileSync(join(sourceFolder, 'go.mod'), 'module x\n\nrequire (\n\tk8s.io/kubernetes v1.35.4\n)\n');
  env = { PATH: `${join(folder, 'bin')}:/bin:/usr/bin`, XDG_CACHE_HOME: join(folder, 'cache') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A `go` whose build writes a binary that answers `--version`; every call is written down. */
function installGo(build: string): void {
  const path = join(folder, 'bin', 'go');
  writeFileSync(
    path,
    `#!/bin/sh
echo "$1" >> ${join(folder, 'calls')}
[ "$1" = env ] && { echo go1.26.8; exit 0; }
while [ "$1" != -o ]; do shift; done
output=$2
${build}
`,
  );
  chmodSync(path, 0o755);
}

const builds = (): number => readFileSync(join(folder, 'calls'), 'utf8').match(/^build$/gm)?.length ?? 0;
const GOOD = 'printf \'#!/bin/sh\\necho Kubernetes v1.35.4\\n\' > "$output"; chmod +x "$output"';
const ensure = (onProgress?: (line: string) => void): Promise<string> =>
  ensureTestbedBinary({ env, sourceFolder, ...(onProgress ? { onProgress } : {}) });
const left = (): readonly string[] => readdirSync(join(folder, 'cache', 'k8s-audit', 'testbed'));

it('builds once, also for two who ask at the same time', async () => {
  installGo(`sleep 0.3; ${GOOD}`);
  const lines: string[] = [];

  const [one, two] = await Promise.all([ensure(), ensure((line) => lines.push(line))]);
  const three = await ensure();

  expect(new Set([one, two, three]).size).toBe(1);
  expect(readFileSync(one, 'utf8')).toContain('Kubernetes v1.35.4');
  expect(builds()).toBe(1);
  expect(left()).toEqual([one.split('/').at(-2)]);
});

it('builds anew when the modules change', async () => {
  installGo(GOOD);
  const before = await ensure();
  writeFileSync(join(sourceFolder, 'go.sum'), 'something else\n');

  expect(await ensure()).not.toBe(before);
  expect(builds()).toBe(2);
});

it('says what to install when there is no Go', async () => {
  await expect(ensureTestbedBinary({ env: { ...env, PATH: join(folder, 'bin') }, sourceFolder })).rejects.toMatchObject({
    code: 'TESTBED_NO_GO',
    hint: expect.stringContaining('install Go'),
  });
});

it('names a full disk, and leaves no half binary behind', async () => {
  installGo('printf half > "$output"; echo "link: write $output: no space left on device" >&2; exit 1');

  await expect(ensure()).rejects.toMatchObject({ code: 'TESTBED_DISK_FULL' });
  expect(left()).toEqual([]);
});

it('shows the end of what a failed build said', async () => {
  installGo('echo "main.go:7: undefined: nothing" >&2; exit 1');

  await expect(ensure()).rejects.toMatchObject({ code: 'TESTBED_BUILD_FAILED', message: expect.stringContaining('undefined: nothing') });
  expect(left()).toEqual([]);
});

it('refuses a binary that calls itself another version', async () => {
  installGo('printf \'#!/bin/sh\\necho Kubernetes v0.0.0-master\\n\' > "$output"; chmod +x "$output"');

  await expect(ensure()).rejects.toMatchObject({ code: 'TESTBED_BUILD_FAILED', message: expect.stringContaining('v1.35.4') });
  expect(left()).toEqual([]);
});

it('takes a ready-made binary without looking for Go', async () => {
  const path = join(folder, 'ready-made');
  writeFileSync(path, '');

  expect(await ensureTestbedBinary({ env: { K8S_AUDIT_TESTBED_BINARY: path } })).toBe(path);
  await expect(ensureTestbedBinary({ env: { K8S_AUDIT_TESTBED_BINARY: `${path}-absent` } })).rejects.toMatchObject({
    code: 'TESTBED_BUILD_FAILED',
  });
});
