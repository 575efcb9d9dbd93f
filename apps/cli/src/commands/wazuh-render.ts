import { join, relative, resolve } from 'node:path';
import { PACKS, type PackName, renderPack } from '@k8s-audit/detections';
import { makeFolder, writeFileAtomically } from '@k8s-audit/host-files';
import { type ContainerOptions, renderComposeOverride, renderContainerConfiguration, renderKustomization } from '@k8s-audit/wazuh-config';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { RECEIVER_PORT } from '../flows/wazuh/host-places.ts';

interface RenderFlags {
  readonly for: 'docker' | 'kubernetes';
  readonly pack: readonly PackName[];
  readonly wazuhGroup: string;
  readonly out?: string;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit wazuh render --for docker --out wazuh-docker/single-node
  k8s-audit wazuh render --for kubernetes --out wazuh-kubernetes/envs/k8s-audit

Wazuh in containers is not changed from inside: what is rendered stands beside Wazuh's own files, and is taken out by deleting it. Put the
release (npm run release) into k8s-audit/release or onto the volume k8s-audit-release, and the receiver's certificates (k8s-audit certs create)
into certificates/. The group of Wazuh's queue: docker exec <manager> id -g wazuh
Exit codes: 0 done, 1 a file cannot be written, 2 wrong usage.`;

/** `k8s-audit wazuh render`: for Wazuh in containers, the files that belong beside its own. */
export const registerWazuhRender: RegisterCommand = (parent, io) => {
  parent
    .command('render')
    .description('render what belongs beside wazuh-docker or wazuh-kubernetes')
    .addOption(new Option('--for <layout>', 'which layout').choices(['docker', 'kubernetes']).makeOptionMandatory())
    .addOption(new Option('--pack <name...>', 'which rules').choices(PACKS.map(({ name }) => name)).default(['core'], 'core'))
    .option('--wazuh-group <id>', 'group of Wazuh’s queue in the manager’s container', '999')
    .option('--out <folder>', 'write the files there instead of printing them')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: RenderFlags) => runRender(flags, io));
};

async function runRender(flags: RenderFlags, io: CommandIo): Promise<void> {
  const rules = new Map([...new Set(flags.pack)].flatMap((pack) => [...renderPack(pack)]));
  const files = filesOf(flags.for, { rules, wazuhGroup: Number(flags.wazuhGroup), port: RECEIVER_PORT });
  if (flags.out === undefined)
    return printResult(io, flags.output, { files: Object.fromEntries(files) }, () =>
      [...files].map(([name, text]) => `# ${name}\n${text}`).join('\n'),
    );
  const folder = resolve(io.cwd, flags.out);
  for (const [name, text] of files) {
    await makeFolder(join(folder, name, '..'), { mode: 0o755, existing: 'keep' });
    await writeFileAtomically(join(folder, name), text, { existing: 'replace' });
  }
  const written = [...files.keys()].map((name) => join(folder, name));
  printResult(io, flags.output, { written }, () => written.map((path) => `Written: ${relative(io.cwd, path)}`).join('\n'));
}

function filesOf(layout: RenderFlags['for'], options: ContainerOptions): ReadonlyMap<string, string> {
  const below = layout === 'docker' ? 'k8s-audit/' : '';
  const shared = new Map([
    [`${below}receiver.yaml`, renderContainerConfiguration(options)],
    ...[...options.rules].map(([name, text]) => [`${below}rules/${name}`, text] as const),
  ]);
  return new Map([
    ...(layout === 'docker' ? [['docker-compose.override.yml', renderComposeOverride(options)] as const] : renderKustomization(options)),
    ...shared,
  ]);
}
