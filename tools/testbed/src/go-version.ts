import { Failure } from '@k8s-audit/failure';
import { runCommand } from './command-run.ts';

/**
 * As `go1.26.8`; asked in the module's folder, where go.mod may choose another toolchain than the installed one.
 *
 * @throws {Failure} TESTBED_NO_GO
 */
export async function askGoVersion(sourceFolder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const asked = await runCommand('go', ['env', 'GOVERSION'], { cwd: sourceFolder, env });
  if (asked.kind === 'absent')
    throw new Failure('TESTBED_NO_GO', 'the testbed builds its programs from source, and there is no `go` command', {
      hint: 'install Go 1.25 or newer (https://go.dev/dl), or name a ready-made control plane in K8S_AUDIT_TESTBED_BINARY',
    });
  if (asked.code !== 0)
    throw new Failure('TESTBED_NO_GO', `\`go env GOVERSION\` failed: ${asked.lastLines}`, {
      hint: 'install Go 1.25 or newer (https://go.dev/dl)',
    });
  return asked.lastLines.trim().split('\n').at(-1) ?? '';
}
