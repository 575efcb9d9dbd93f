import { resolve } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { readHostText } from '@k8s-audit/host-files';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { setUpMinikube } from '../flows/set-up-minikube.ts';
import { type Distribution, parseOsRelease } from '../minikube/os-release.ts';
import { DEFAULT_KUBERNETES_VERSION, planSetup, renderSetup, type SetupPlan } from '../minikube/setup-plan.ts';
import { STEP_NAMES } from '../minikube/setup-step.ts';
import type { Architecture } from '../minikube/versions.ts';

interface SetupFlags {
  readonly driver: string;
  readonly kubernetesVersion: string;
  readonly skip?: readonly string[];
  readonly osRelease: string;
  readonly arch?: Architecture;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit minikube setup --dry-run                       the plan, as a script that anyone can read and run
  k8s-audit minikube setup                                 Docker, kubectl and minikube; a cluster in a container
  k8s-audit minikube setup --driver none                   this machine is the node, as in the guide (needs root)
  k8s-audit minikube setup --skip docker --skip start      everything but these
  k8s-audit minikube setup --driver none --dry-run --os-release ./os-release --arch arm64      for another machine

Steps: ${STEP_NAMES.join(', ')}.
Versions are pinned; each download is compared with a checksum, and Docker's packages with its signing key.
SELinux stays as it is. The prepared drivers are docker, podman, kvm2 and none; any other is started and not installed.
Run it again after a failure: what is done is passed over.
Exit codes: 0 done, 1 a step failed or the system is neither like RHEL nor like Debian, 2 wrong usage.`;

/** `k8s-audit minikube setup`: in the place of the guide's minikubesetup.sh. */
export const registerMinikubeSetup: RegisterCommand = (parent, io) => {
  parent
    .command('setup')
    .description('install minikube and what its driver needs, pinned and checked, and start a cluster')
    .option('--driver <name>', 'of minikube: docker, podman, kvm2, none, or any other that is there', 'docker')
    .option('--kubernetes-version <version>', 'of the cluster', DEFAULT_KUBERNETES_VERSION)
    .option('--skip <step>', 'leave a step out; may be repeated', (value: string, before: readonly string[] = []) => [...before, value])
    .option('--os-release <file>', 'what tells the distribution', '/etc/os-release')
    .addOption(new Option('--arch <name>', 'of the machine (default: this one’s)').choices(['amd64', 'arm64']))
    .option('--dry-run', 'print the plan, and do nothing')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: SetupFlags) => runSetup(flags, io));
};

async function runSetup(flags: SetupFlags, io: CommandIo): Promise<void> {
  const distribution: Distribution = parseOsRelease(await readHostText(resolve(io.cwd, flags.osRelease)));
  const { driver, kubernetesVersion, skip = [] } = flags;
  const plan = planSetup({ distribution, architecture: flags.arch ?? ownArchitecture(), driver, kubernetesVersion, skip });
  if (flags.dryRun === true) {
    printResult<SetupPlan>(io, flags.output, plan, renderSetup);
    return;
  }
  const result = await setUpMinikube(plan, { progress: io.stderr, env: io.env, signal: io.stopSignal });
  printResult(io, flags.output, result, ({ steps }) =>
    [...steps.map(({ name, outcome }) => `${name.padEnd(11)}  ${outcome}`), 'Next: docs/guides/minikube.md, "Connect it".'].join('\n'),
  );
}

function ownArchitecture(): Architecture {
  if (process.platform === 'linux' && process.arch === 'x64') return 'amd64';
  if (process.platform === 'linux' && process.arch === 'arm64') return 'arm64';
  throw new Failure('PLATFORM_UNSUPPORTED', `minikube is set up on Linux, x64 or arm64, not on ${process.platform} ${process.arch}.`, {
    hint: 'For another machine: --dry-run --arch amd64 --os-release FILE',
  });
}
