import { basename, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  type KubernetesVersion,
  makeProfile,
  type Policy,
  type PolicySource,
  PROFILES,
  parseVersion,
  readPolicy,
  renderPolicy,
} from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import { readHostFile } from '@k8s-audit/host-files';
import type { CommandIo } from '../command-io.ts';

/** A policy that a command was given, ready to be decided by. */
export interface LoadedPolicy {
  /** How to name it to a person: the file's name, or `profile guide`. */
  readonly name: string;
  readonly policy: Policy;
  /** Of a profile: the text that `policy render` prints. */
  readonly source: PolicySource;
  /** What kube-apiserver would only write into its log. */
  readonly warnings: readonly string[];
}

/**
 * Loads a policy by what stands on the command line: a file, `-` for the standard input, or `profile:NAME`.
 *
 * @throws {Failure} `POLICY_REFUSED` with Kubernetes' own words when kube-apiserver would not start with it
 */
export async function loadPolicy(reference: string, io: CommandIo, version: KubernetesVersion | undefined): Promise<LoadedPolicy> {
  const profile = reference.startsWith('profile:') ? reference.slice('profile:'.length) : undefined;
  if (profile !== undefined) return loadProfile(profile, version);
  const file = resolve(io.cwd, reference);
  const bytes = reference === '-' ? await buffer(io.stdin) : await readHostFile(file);
  const name = reference === '-' ? 'standard input' : basename(file);
  const reading = readPolicy(bytes, version === undefined ? {} : { kubernetesVersion: version });
  if (reading.kind === 'refused')
    throw new Failure('POLICY_REFUSED', `kube-apiserver would refuse ${name}: ${reading.message}`, {
      hint: reading.place === undefined ? 'k8s-audit policy render --help shows policies that load' : `look at line ${reading.place.line}`,
    });
  return {
    name,
    policy: reading.policy,
    source: reading.source,
    warnings: reading.strictErrors.map(({ message }) => `${name}: kube-apiserver loads it, but says: ${message}`),
  };
}

/** Whose rules hold for a policy, from `--kubernetes-version`. */
export function kubernetesVersion(text: string | undefined): KubernetesVersion | undefined {
  if (text === undefined) return undefined;
  const version = parseVersion(text);
  if (version === undefined)
    throw new Failure('USAGE', `--kubernetes-version takes a version such as 1.35, not ${text}`, { hint: 'kubectl version shows it' });
  return version;
}

/** By way of its text, so that its lines are those of the file that `policy render` writes. */
function loadProfile(name: string, version: KubernetesVersion | undefined): LoadedPolicy {
  const profile = PROFILES.find((each) => each.name === name);
  if (profile === undefined)
    throw new Failure('USAGE', `there is no profile ${name}`, { hint: `profiles are ${PROFILES.map((each) => each.name).join(', ')}` });
  const { policy, comments } = makeProfile(profile, undefined, version);
  const reading = readPolicy(renderPolicy(policy, comments));
  if (reading.kind === 'refused') throw new Error(`profile ${name} is refused: ${reading.message}`);
  return { name: `profile ${name}`, policy: reading.policy, source: reading.source, warnings: [] };
}
