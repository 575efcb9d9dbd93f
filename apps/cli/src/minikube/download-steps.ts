import type { SetupStep } from './setup-step.ts';
import { type Architecture, DOWNLOADS, type DownloadName } from './versions.ts';

/** Steps that put a pinned file of another project in its place. */
export function downloadStep(name: DownloadName, architecture: Architecture): SetupStep {
  const download = DOWNLOADS[name];
  const url = download.url(architecture);
  const sum = 'published' in download.checksum ? `${url}${download.checksum.published}` : download.checksum[architecture];
  const { title, isDone, install } = PLACES[name];
  return {
    name,
    title: `${title} ${download.version}, checked against ${'published' in download.checksum ? 'its published checksum' : 'a pinned checksum'}`,
    isDone: isDone(download.version),
    commands: [`fetch ${url} ${sum} "$work/file"`, ...install],
  };
}

interface Place {
  readonly title: string;
  readonly isDone: (version: string) => string;
  readonly install: readonly string[];
}

const PLACES: Readonly<Record<DownloadName, Place>> = {
  kubectl: {
    title: 'kubectl',
    isDone: (version) => `kubectl version --client 2>/dev/null | grep -qF 'Client Version: ${version}'`,
    install: ['as_root install -m 0755 "$work/file" /usr/local/bin/kubectl'],
  },
  minikube: {
    title: 'minikube',
    isDone: (version) => `[ "$(minikube version --short 2>/dev/null)" = ${version} ]`,
    install: ['as_root install -m 0755 "$work/file" /usr/local/bin/minikube'],
  },
  crictl: {
    title: 'crictl',
    isDone: (version) => `crictl --version 2>/dev/null | grep -qF ${version}`,
    // minikube runs it through sudo, whose path on RHEL-likes has no /usr/local/bin.
    install: ['tar -xzf "$work/file" -C "$work" crictl', 'as_root install -m 0755 "$work/crictl" /usr/bin/crictl'],
  },
  'cni-plugins': {
    title: 'CNI plugins',
    isDone: (version) => `/opt/cni/bin/bridge --version 2>&1 | grep -qF ${version}`,
    install: ['as_root mkdir -p /opt/cni/bin', 'as_root tar -xzf "$work/file" -C /opt/cni/bin --no-same-owner'],
  },
  'cri-dockerd': {
    title: 'cri-dockerd',
    isDone: (version) => `cri-dockerd --version 2>&1 | grep -qF ${version.slice(1)} && systemctl is-enabled --quiet cri-docker.socket`,
    install: [
      'tar -xzf "$work/file" -C "$work" cri-dockerd/cri-dockerd',
      // Where minikube's own drop-in for the unit looks for it (kubernetes/minikube pkg/minikube/cruntime/docker.go).
      'as_root install -m 0755 "$work/cri-dockerd/cri-dockerd" /usr/bin/cri-dockerd',
      "as_root tee /etc/systemd/system/cri-docker.socket > /dev/null << 'UNIT'",
      '[Unit]',
      'Description=Socket of cri-dockerd',
      'PartOf=cri-docker.service',
      '[Socket]',
      'ListenStream=%t/cri-dockerd.sock',
      'SocketMode=0660',
      'SocketUser=root',
      'SocketGroup=docker',
      '[Install]',
      'WantedBy=sockets.target',
      'UNIT',
      "as_root tee /etc/systemd/system/cri-docker.service > /dev/null << 'UNIT'",
      '[Unit]',
      'Description=Container runtime interface for Docker',
      'After=network-online.target docker.service',
      'Wants=network-online.target',
      'Requires=cri-docker.socket docker.service',
      '[Service]',
      'Type=notify',
      'ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd://',
      'Restart=always',
      'Delegate=yes',
      'KillMode=process',
      '[Install]',
      'WantedBy=multi-user.target',
      'UNIT',
      'as_root systemctl daemon-reload',
      'as_root systemctl enable --now cri-docker.socket',
    ],
  },
};
