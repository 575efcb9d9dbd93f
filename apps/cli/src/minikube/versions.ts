/** A file that is downloaded, and how it is known to be the right one. */
export interface Download {
  readonly version: string;
  readonly url: (architecture: Architecture) => string;
  /**
   * SHA-256 by architecture, where we have it from somebody else than the server of the file; else the name of the checksum file that is published beside it, which
   * holds against a broken or mixed-up download, and not against somebody who controls that server.
   */
  readonly checksum: Readonly<Record<Architecture, string>> | { readonly published: '.sha256' };
}

export type DownloadName = 'kubectl' | 'minikube' | 'crictl' | 'cni-plugins' | 'cri-dockerd';

/** As Go, and with it all of these projects, calls them. */
export type Architecture = 'amd64' | 'arm64';

const GITHUB = 'https://github.com';

/**
 * The parts of the guide's minikubesetup.sh, in versions that go together: minikube v1.38.1 starts Kubernetes v1.36.2 by itself, and kubectl and
 * crictl follow its minor version. To renew: change a version here, its checksums with it, and run `npm run golden`.
 */
export const DOWNLOADS: Readonly<Record<DownloadName, Download>> = {
  kubectl: {
    version: 'v1.36.2',
    url: (architecture) => `https://dl.k8s.io/release/v1.36.2/bin/linux/${architecture}/kubectl`,
    checksum: { published: '.sha256' },
  },
  minikube: {
    version: 'v1.38.1',
    url: (architecture) => `${GITHUB}/kubernetes/minikube/releases/download/v1.38.1/minikube-linux-${architecture}`,
    checksum: { published: '.sha256' },
  },
  crictl: {
    version: 'v1.36.0',
    url: (architecture) => `${GITHUB}/kubernetes-sigs/cri-tools/releases/download/v1.36.0/crictl-v1.36.0-linux-${architecture}.tar.gz`,
    checksum: { published: '.sha256' },
  },
  'cni-plugins': {
    version: 'v1.9.1',
    url: (architecture) => `${GITHUB}/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-${architecture}-v1.9.1.tgz`,
    checksum: { published: '.sha256' },
  },
  'cri-dockerd': {
    version: 'v0.4.6',
    url: (architecture) => `${GITHUB}/Mirantis/cri-dockerd/releases/download/v0.4.6/cri-dockerd-0.4.6.${architecture}.tgz`,
    // Its releases have no checksum files; these are the ones that minikube builds its own images by (kubernetes/minikube
    // deploy/iso/minikube-iso/arch/*/package/cri-dockerd*/cri-dockerd.hash).
    checksum: {
      amd64: 'e03649a877a221cc9d9052039edb0b1240f7386fbb5b95f0a9591742e375b545',
      arm64: '8705da6b47b309ecc0480972dad6f4e134bd42644d2dc72f5be264918200bf4f',
    },
  },
};

/** Of the keys that sign Docker's packages (docs.docker.com/engine/install: debian, ubuntu; centos, fedora, rhel). */
export const DOCKER_KEYS = {
  debian: '9DC858229FC7DD38854AE2D88D81803C0EBFCD88',
  rhel: '060A61C51B558A7F742B77AAC52FEB6B621E9F35',
} as const;
