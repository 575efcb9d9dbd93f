import { PROFILES } from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import { type Command, Option } from 'commander';

/** What stands on the command line about the policy that a command is to look at. */
export interface PolicyFlags {
  readonly policy?: string;
  readonly profile?: string;
}

/** Used where none is named: what we tell people to use. */
export const DEFAULT_PROFILE = 'recommended';

/** `[policy]`, `--policy` and `--profile`, the same on every command that looks at one policy. */
export function addPolicyOptions(command: Command): Command {
  return command
    .argument('[policy]', 'a policy file, - for the standard input, or profile:NAME')
    .option('--policy <file>', 'the same as an option')
    .addOption(
      new Option('--profile <name>', `a ready-made policy; ${DEFAULT_PROFILE} when no policy is named`).choices(
        PROFILES.map(({ name }) => name),
      ),
    );
}

/**
 * The one policy that is named, as `loadPolicy` takes it.
 *
 * @throws {Failure} USAGE when two are
 */
export function policyReference(argument: string | undefined, { policy, profile }: PolicyFlags): string {
  const named = [argument, policy, profile === undefined ? undefined : `profile:${profile}`].filter((each) => each !== undefined);
  if (named.length > 1)
    throw new Failure('USAGE', `one policy can be looked at, not ${named.join(' and ')}`, {
      hint: 'name it once: FILE, --policy FILE, or --profile NAME',
    });
  return named[0] ?? `profile:${DEFAULT_PROFILE}`;
}
