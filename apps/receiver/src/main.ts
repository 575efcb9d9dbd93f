#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { explainFailure, Failure } from '@k8s-audit/failure';
import { createNotifier, inheritedSockets, startWatchdog } from '@k8s-audit/systemd';
import { Command, CommanderError } from 'commander';
import { type Configuration, environmentOverrides, parseConfiguration } from './configuration.ts';
import { createLogger } from './log.ts';
import { startService } from './service.ts';

interface Flags {
  readonly config?: string;
  readonly agent?: boolean;
  readonly set: readonly string[];
  readonly check?: boolean;
}

const EXAMPLES = `
Examples:
  k8s-audit-receiver --config /etc/k8s-audit/receiver.yaml
  k8s-audit-receiver --config receiver.yaml --set listen.port=9443 --set log.level=debug
  k8s-audit-receiver --config receiver.yaml --check

An environment variable goes over the file (K8S_AUDIT_LISTEN_PORT for listen.port), --set over both.
SIGTERM and SIGINT stop it in order: no new requests, the spool drained as far as ten seconds allow, nothing lost.
SIGHUP reads the configuration, certificates, tokens and lists again, as a change of one of these files does: a broken one leaves the
former in effect. Under systemd it says when it is ready, keeps the watchdog, and takes sockets that systemd opened.
Exit codes: 0 stopped in order, 1 a failure, 2 wrong usage.`;

void main();

/** The only place that catches, prints and sets the exit code. */
async function main(): Promise<void> {
  const program = new Command('k8s-audit-receiver')
    .description('Takes audit events from API servers over mutual TLS and hands them to Wazuh, without losing one.')
    .option('--config <file>', 'configuration, YAML; an agent can do without')
    .option('--agent', 'follow log files into the socket of a Wazuh agent: no port, no certificates (k8s-audit agent run)')
    .option(
      '--set <key=value>',
      'set one key over file and environment; repeatable',
      (value, all: readonly string[]) => [...all, value],
      [],
    )
    .option('--check', 'read the configuration, say what is wrong with it, and stop')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .action(run);
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else {
      process.stderr.write(`${explainFailure(error)}\n`);
      process.exitCode = error instanceof Failure && error.code === 'USAGE' ? 2 : 1;
    }
  }
  // A worker that is still blocked in a system call must not keep a stopped receiver alive.
  process.exit();
}

async function run(flags: Flags): Promise<void> {
  const configuration = readConfiguration(flags);
  if (flags.check) {
    process.stdout.write(`${flags.config ?? 'This'} is a good configuration.\n`);
    return;
  }
  const log = createLogger(configuration.log, process.stdout);
  const notifier = await createNotifier(process.env);
  // Listens before the ready line is out: whoever reads that line may stop us at once, or have us reload.
  const stop = stopRequested();
  let reload = async (): Promise<void> => undefined;
  process.on('SIGHUP', () => void reload());
  const service = await startService(configuration, log, {
    reread: () => readConfiguration(flags),
    ...(flags.config === undefined ? {} : { configurationFile: flags.config }),
    sockets: inheritedSockets(process.env, process.pid),
  });
  const sayReady = (): void => notifier.ready(`takes events${service.url === undefined ? '' : ` on ${service.url}`}`);
  reload = async () => {
    notifier.reloading();
    await service.reload();
    sayReady();
  };
  const watchdog = startWatchdog(process.env, process.pid, notifier, service.isAlive);
  sayReady();
  await Promise.race([stop, service.ended]);
  notifier.stopping();
  await service.stop();
  watchdog?.stop();
}

function readConfiguration({ config, agent, set }: Flags): Configuration {
  if (config === undefined && agent !== true)
    throw new Failure('USAGE', '--config is missing', { hint: 'k8s-audit receiver run --config /etc/k8s-audit/receiver.yaml' });
  const overrides = [...environmentOverrides(process.env), ...set.map(parseSetting)];
  return parseConfiguration(config === undefined ? '' : readText(config), overrides, agent === true ? 'agent' : 'receiver');
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure('FILE_UNREADABLE', `cannot read the configuration ${file}: ${(cause as Error).message}`, {
      hint: 'check the path',
      cause,
    });
  }
}

function parseSetting(setting: string): readonly [string, string] {
  const equals = setting.indexOf('=');
  if (equals < 1) throw new Failure('USAGE', `--set takes KEY=VALUE, not ${setting}`, { hint: '--set listen.port=9443' });
  return [setting.slice(0, equals), setting.slice(equals + 1)];
}

/** A signal, or the end of the program that started us and keeps a channel to us. */
function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    // `on`, not `once`: a terminal and systemd signal the whole group, a parent may pass its own signal on, and the second must
    // not kill a receiver that is finishing its requests.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
    if (process.channel !== undefined) process.once('disconnect', () => resolve());
  });
}
