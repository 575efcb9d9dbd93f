import { type Adjustments, type Inclusion, isCredential, LEVELS, type Subject } from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';

/** The flags of `policy render` that add to a profile or take from it, as they stand on the command line. */
export interface AdjustmentFlags {
  readonly includeNamespace: readonly string[];
  readonly includeResource: readonly string[];
  readonly includeUser: readonly string[];
  readonly excludeNamespace: readonly string[];
  readonly excludeResource: readonly string[];
  readonly excludeUser: readonly string[];
}

/**
 * Reads the flags; `NAME=LEVEL` includes at another level than Request.
 *
 * @throws {Failure} USAGE for what is no name, for the same thing twice, and for bodies of credentials
 */
export function readAdjustments(flags: AdjustmentFlags): Adjustments {
  const include = KINDS.flatMap((kind) => flags[`include${kind}`].map((text) => readInclusion(kind, text)));
  const exclude = KINDS.flatMap((kind) => flags[`exclude${kind}`].map((text) => readSubject(kind, text)));
  const seen = new Set<string>();
  for (const { kind, name } of [...include.map(({ subject }) => subject), ...exclude]) {
    if (seen.has(`${kind} ${name}`)) throw wrong(`${kind} ${name} is named twice`, 'include it or exclude it, once');
    seen.add(`${kind} ${name}`);
  }
  return { include, exclude };
}

const KINDS = ['Namespace', 'Resource', 'User'] as const;
type Kind = (typeof KINDS)[number];

function readInclusion(kind: Kind, text: string): Inclusion {
  const [, name = '', levelText] = /^(.*?)(?:=([^=]*))?$/s.exec(text) ?? [];
  const subject = readSubject(kind, name);
  const isSecret = subject.kind === 'resource' && isCredential(subject.resource);
  const level =
    levelText === undefined ? (isSecret ? 'Metadata' : 'Request') : LEVELS.find((known) => known.toLowerCase() === levelText.toLowerCase());
  if (level === undefined || level === 'None')
    throw wrong(`${text}: there is no level ${levelText} to include at`, 'Metadata, Request or RequestResponse; --exclude-… leaves out');
  if (isSecret && level !== 'Metadata')
    throw wrong(
      `${name} holds credentials: no policy rendered here records their bodies`,
      `--include-resource ${name}=Metadata records who touched them`,
    );
  return { subject, level };
}

function readSubject(kind: Kind, name: string): Subject {
  if (kind === 'User') {
    if (name === '' || /\p{Cc}/u.test(name))
      throw wrong(`${JSON.stringify(name)} is no user name`, 'as in system:serviceaccount:ci:deployer');
    return { kind: 'user', name };
  }
  if (kind === 'Namespace') {
    if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
      throw wrong(`${JSON.stringify(name)} is no namespace`, 'lower-case letters, digits and dashes; a policy knows no wildcard here');
    return { kind: 'namespace', name };
  }
  const [, resource, group = '', subresource] = /^([a-z0-9-]+)(?:\.([a-z0-9.-]+))?(?:\/([a-z0-9-]+|\*))?$/.exec(name) ?? [];
  if (resource === undefined)
    throw wrong(
      `${JSON.stringify(name)} is no resource`,
      'the plural, as kubectl api-resources shows it: pods, pods/exec, deployments.apps, deployments.apps/scale',
    );
  return { kind: 'resource', name, resource: { group, resources: [subresource === undefined ? resource : `${resource}/${subresource}`] } };
}

function wrong(message: string, hint: string): Failure {
  return new Failure('USAGE', message, { hint });
}
