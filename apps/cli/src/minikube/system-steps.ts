import type { Distribution } from './os-release.ts';
import type { SetupStep } from './setup-step.ts';
import { DOCKER_KEYS } from './versions.ts';

/** minikube start refuses less (kubernetes/minikube pkg/minikube/constants: MinimumCPUS; 1,800 MB for a control plane). */
const MIN_CPUS = 2;
const MIN_MEMORY_KB = 1_800_000;

/** Says what would fail later, before anything is changed. SELinux is looked at and left as it is. */
export function preflightStep(driver: string): SetupStep {
  const user =
    driver === 'none'
      ? [
          '[ "$(id -u)" = 0 ] || sudo -v || { echo "the driver none needs root: run as root, or as somebody who may use sudo" >&2; exit 1; }',
        ]
      : [
          '[ "$(id -u)" != 0 ] || { echo "minikube refuses root with this driver: run as an ordinary user who may use sudo" >&2; exit 1; }',
          'sudo -v',
        ];
  return {
    name: 'preflight',
    title: 'look whether this machine can do it',
    isDone: 'false',
    commands: [
      'for tool in curl sha256sum tar systemctl; do command -v "$tool" > /dev/null || echo "missing, will be installed if it can be: $tool"; done',
      `[ "$(nproc)" -ge ${MIN_CPUS} ] || { echo "minikube needs ${MIN_CPUS} CPUs" >&2; exit 1; }`,
      `[ "$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)" -ge ${MIN_MEMORY_KB} ] || { echo "minikube needs 2 GB of memory" >&2; exit 1; }`,
      ...user,
      'if command -v getenforce > /dev/null; then echo "SELinux: $(getenforce), stays as it is"; fi',
    ],
  };
}

/** What the system's own package manager has. */
export function packagesStep({ family }: Distribution, driver: string): SetupStep {
  const packages = [...COMMON[family], ...(PACKAGES[driver]?.[family] ?? [])];
  const services = driver === 'kvm2' ? ['as_root systemctl enable --now libvirtd', 'as_root usermod -aG libvirt "$(id -un)"'] : [];
  return {
    name: 'packages',
    title: `packages of the system: ${packages.join(', ')}`,
    isDone:
      family === 'rhel'
        ? `rpm -q ${packages.join(' ')} > /dev/null 2>&1`
        : `[ "$(dpkg-query -W -f '\${db:Status-Status} ' ${packages.join(' ')} 2> /dev/null)" = '${packages.map(() => 'installed ').join('')}' ]`,
    commands: [
      ...(family === 'rhel'
        ? [`as_root dnf -y install ${packages.join(' ')}`]
        : ['as_root apt-get update', `as_root env DEBIAN_FRONTEND=noninteractive apt-get -y install ${packages.join(' ')}`]),
      ...services,
    ],
  };
}

const COMMON: Readonly<Record<Distribution['family'], readonly string[]>> = {
  rhel: ['curl', 'ca-certificates', 'tar', 'gnupg2'],
  debian: ['curl', 'ca-certificates', 'tar', 'gnupg'],
};

/** conntrack and socat are what kube-proxy and port-forward need of a host that is the node itself. */
const PACKAGES: Readonly<Record<string, Readonly<Record<Distribution['family'], readonly string[]>>>> = {
  none: { rhel: ['conntrack-tools', 'socat', 'ethtool', 'iproute-tc'], debian: ['conntrack', 'socat', 'ethtool', 'iproute2'] },
  podman: { rhel: ['podman'], debian: ['podman'] },
  kvm2: { rhel: ['libvirt', 'qemu-kvm'], debian: ['libvirt-daemon-system', 'libvirt-clients', 'qemu-system-x86'] },
};

const DOCKER_PACKAGES = 'docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin';

/** Docker from its own repository. Its key is compared with the fingerprint that we know, and packages are checked by it. */
export function dockerStep(distribution: Distribution): SetupStep {
  const { family, dockerFolder, suite } = distribution;
  const repository = `https://download.docker.com/linux/${dockerFolder}`;
  // One key, and that one: a second key in the file would be trusted too.
  const isKey = [
    `[ "$(gpg --show-keys --with-colons "$work/docker.asc" | awk -F: '$1 == "pub" { keys++ } $1 == "fpr" && !first { first = $10 } END { print keys, first }')" = "1 ${DOCKER_KEYS[family]}" ] \\`,
    `  || { echo "not the key of Docker's packages" >&2; exit 1; }`,
  ];
  return {
    name: 'docker',
    title: `Docker, from ${repository}`,
    isDone: 'docker --version > /dev/null 2>&1 && systemctl is-active --quiet docker',
    commands: [
      `download ${repository}/gpg "$work/docker.asc"`,
      ...isKey,
      ...(family === 'rhel'
        ? [
            'as_root rpm --import "$work/docker.asc"',
            `download ${repository}/docker-ce.repo "$work/docker-ce.repo"`,
            'as_root install -m 0644 "$work/docker-ce.repo" /etc/yum.repos.d/docker-ce.repo',
            `as_root dnf -y install --allowerasing ${DOCKER_PACKAGES}`,
          ]
        : [
            'as_root install -m 0755 -d /etc/apt/keyrings',
            'as_root install -m 0644 "$work/docker.asc" /etc/apt/keyrings/docker.asc',
            `echo "deb [arch=$(dpkg --print-architecture) signed-by=/etc/apt/keyrings/docker.asc] ${repository} ${suite ?? ''} stable" | as_root tee /etc/apt/sources.list.d/docker.list > /dev/null`,
            'as_root apt-get update',
            `as_root env DEBIAN_FRONTEND=noninteractive apt-get -y install ${DOCKER_PACKAGES}`,
          ]),
      'as_root systemctl enable --now docker',
      '[ "$(id -u)" = 0 ] || as_root usermod -aG docker "$(id -un)"',
    ],
  };
}
