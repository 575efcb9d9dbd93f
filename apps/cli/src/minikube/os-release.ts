import { Failure } from '@k8s-audit/failure';

/** What of a Linux distribution the set-up depends on. */
export interface Distribution {
  readonly family: 'rhel' | 'debian';
  /** The folder of Docker's repository below https://download.docker.com/linux/. */
  readonly dockerFolder: 'centos' | 'rhel' | 'fedora' | 'debian' | 'ubuntu';
  /** Of Debian-likes: the name of the release, e.g. `bookworm`. */
  readonly suite?: string;
  /** For people: `Rocky Linux 9.6 (Blue Onyx)`. */
  readonly name: string;
}

/**
 * Reads /etc/os-release (os-release(5)). Relatives are told by ID_LIKE: Rocky, Alma and Oracle take Docker's packages of CentOS, Mint those of Ubuntu.
 *
 * @throws {Failure} PLATFORM_UNSUPPORTED for another family
 */
export function parseOsRelease(text: string): Distribution {
  const values = new Map(text.split('\n').flatMap((line) => assignmentOf(line)));
  const ids = [values.get('ID') ?? '', ...(values.get('ID_LIKE') ?? '').split(' ')];
  const name = values.get('PRETTY_NAME') ?? values.get('ID') ?? 'this system';
  const rhel =
    (['fedora', 'rhel', 'centos'] as const).find((id) => ids[0] === id) ?? (ids.some((id) => RHEL_LIKE.has(id)) ? 'centos' : undefined);
  if (rhel !== undefined) return { family: 'rhel', dockerFolder: rhel, name };
  const debian = (['ubuntu', 'debian'] as const).find((id) => ids.includes(id));
  if (debian !== undefined) return { family: 'debian', dockerFolder: debian, suite: suiteOf(values, debian, name), name };
  throw new Failure('PLATFORM_UNSUPPORTED', `${name} is neither like RHEL nor like Debian.`, {
    hint: 'Install minikube and a driver for it by hand, then connect it as the guide for minikube says.',
  });
}

const RHEL_LIKE: ReadonlySet<string> = new Set(['rhel', 'fedora', 'centos']);

function suiteOf(values: ReadonlyMap<string, string>, kind: 'ubuntu' | 'debian', name: string): string {
  const suite = (kind === 'ubuntu' ? values.get('UBUNTU_CODENAME') : values.get('DEBIAN_CODENAME')) ?? values.get('VERSION_CODENAME') ?? '';
  // It becomes part of a file that root reads.
  if (/^[a-z]+$/.test(suite)) return suite;
  throw new Failure('PLATFORM_UNSUPPORTED', `${name} does not say which release it is.`, {
    hint: 'Is there a VERSION_CODENAME in /etc/os-release?',
  });
}

function assignmentOf(line: string): readonly (readonly [string, string])[] {
  const [, key = '', value = ''] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? [];
  return key === '' ? [] : [[key, value.replace(/^(["'])(.*)\1$/, '$2')]];
}
