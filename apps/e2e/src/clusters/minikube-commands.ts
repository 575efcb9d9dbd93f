import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '@k8s-audit/failure';

/** Runs a program to its end and returns its standard output. @throws {Failure} CLUSTER_COMMAND_FAILED */
export interface MinikubeCommands {
  minikube(args: readonly string[]): Promise<string>;
  kubectl(args: readonly string[]): Promise<string>;
  /** A shell command on the node. */
  node(script: string): Promise<string>;
}

export interface CommandsOptions {
  readonly profile: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A first start downloads images. */
const TIMEOUT_MS = 20 * 60_000;
/** A log of a whole run. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

/** Everything of minikube's in a home of its own: no profile and no kubeconfig of the person who runs the tests is touched. */
export function createCommands({ profile, home, env }: CommandsOptions): MinikubeCommands {
  const own = { ...env, MINIKUBE_HOME: home, KUBECONFIG: join(home, 'kubeconfig'), MINIKUBE_IN_STYLE: 'false' };
  async function run(program: string, args: readonly string[]): Promise<string> {
    try {
      const { stdout } = await promisify(execFile)(program, args, { env: own, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES });
      return stdout;
    } catch (error) {
      const { code, stderr = '', stdout = '' } = error as NodeJS.ErrnoException & { readonly stderr?: string; readonly stdout?: string };
      const why = code === 'ENOENT' ? `there is no program ${program}` : `${stderr}${stdout}`.trim().split('\n').slice(-10).join('\n');
      throw new Failure('CLUSTER_COMMAND_FAILED', `${program} ${args.join(' ')}: ${why}`, {
        hint: 'k8s-audit minikube setup installs minikube and kubectl; docs/guides/nightly-pipeline.md',
      });
    }
  }
  const minikube = (args: readonly string[]): Promise<string> => run('minikube', ['--profile', profile, ...args]);
  return {
    minikube,
    kubectl: (args) => run('kubectl', ['--context', profile, ...args]),
    node: (script) => minikube(['ssh', '--', script]),
  };
}
