import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ensurePodShim } from './pod-shim.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pod-shim-'));
  mkdirSync(join(folder, 'bin'));
  env = { PATH: `${join(folder, 'bin')}:/bin:/usr/bin`, XDG_CACHE_HOME: join(folder, 'cache') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A `go` whose build leaves a shim that answers `check` as `shim` says. */
function installGo(shim: string): void {
  const go = join(folder, 'bin', 'go');
  writeFileSync(
    go,
    `#!/bin/sh
[ "$1" = env ] && { echo go1.26.8; exit 0; }
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\n${shim}\\n' > "$2/pod-shim"
chmod +x "$2/pod-shim"
`,
  );
  chmodSync(go, 0o755);
}

it('fails, and skips nothing, where nobody may make namespaces', async () => {
  installGo('echo no mount namespace: operation not permitted; exit 126');

  await expect(ensurePodShim(env)).rejects.toMatchObject({
    code: 'TESTBED_NO_NAMESPACES',
    message: 'static pods cannot be isolated here: no mount namespace: operation not permitted',
  });
});

it('fails where the shim cannot run at all', async () => {
  installGo('exit 3');

  await expect(ensurePodShim(env)).rejects.toMatchObject({ code: 'TESTBED_NO_NAMESPACES', message: /pod-shim does not run/ });
});

it('fails with what the compiler said', async () => {
  writeFileSync(join(folder, 'bin', 'go'), '#!/bin/sh\n[ "$1" = env ] && { echo go1.26.8; exit 0; }\necho main.go:1: no; exit 1\n');
  chmodSync(join(folder, 'bin', 'go'), 0o755);

  await expect(ensurePodShim(env)).rejects.toMatchObject({ code: 'TESTBED_BUILD_FAILED', message: /main\.go:1: no/ });
});
