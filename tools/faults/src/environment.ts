import { cpus, release, totalmem } from 'node:os';

/** What figures depend on, without the name or the paths of the machine. */
export function describeEnvironment(): Readonly<Record<string, string>> {
  const processors = cpus();
  return {
    processors: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: release().split('-')[0] as string,
    node: process.version,
  };
}
