#!/usr/bin/env bash
# minikube with Kubernetes v1.36.2, driver none, on Rocky Linux 9.6 (Blue Onyx) (amd64).
set -euo pipefail
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
download() { curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 --retry 3 --output "$2" "$1"; }
fetch() {
  download "$1" "$3"
  local sum="$2"
  case "$sum" in https://*) download "$sum" "$3.sum"; sum="$(cut -c1-64 "$3.sum")" ;; esac
  echo "$sum  $3" | sha256sum --check --quiet --strict -
}
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# 1. preflight: look whether this machine can do it
for tool in curl sha256sum tar systemctl; do command -v "$tool" > /dev/null || echo "missing, will be installed if it can be: $tool"; done
[ "$(nproc)" -ge 2 ] || { echo "minikube needs 2 CPUs" >&2; exit 1; }
[ "$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)" -ge 1800000 ] || { echo "minikube needs 2 GB of memory" >&2; exit 1; }
[ "$(id -u)" = 0 ] || sudo -v || { echo "the driver none needs root: run as root, or as somebody who may use sudo" >&2; exit 1; }
if command -v getenforce > /dev/null; then echo "SELinux: $(getenforce), stays as it is"; fi

# 2. packages: packages of the system: curl, ca-certificates, tar, gnupg2, conntrack-tools, socat, ethtool, iproute-tc
if rpm -q curl ca-certificates tar gnupg2 conntrack-tools socat ethtool iproute-tc > /dev/null 2>&1; then echo "packages: done already"; else
as_root dnf -y install curl ca-certificates tar gnupg2 conntrack-tools socat ethtool iproute-tc
fi

# 3. docker: Docker, from https://download.docker.com/linux/centos
if docker --version > /dev/null 2>&1 && systemctl is-active --quiet docker; then echo "docker: done already"; else
download https://download.docker.com/linux/centos/gpg "$work/docker.asc"
[ "$(gpg --show-keys --with-colons "$work/docker.asc" | awk -F: '$1 == "pub" { keys++ } $1 == "fpr" && !first { first = $10 } END { print keys, first }')" = "1 060A61C51B558A7F742B77AAC52FEB6B621E9F35" ] \
  || { echo "not the key of Docker's packages" >&2; exit 1; }
as_root rpm --import "$work/docker.asc"
download https://download.docker.com/linux/centos/docker-ce.repo "$work/docker-ce.repo"
as_root install -m 0644 "$work/docker-ce.repo" /etc/yum.repos.d/docker-ce.repo
as_root dnf -y install --allowerasing docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin
as_root systemctl enable --now docker
[ "$(id -u)" = 0 ] || as_root usermod -aG docker "$(id -un)"
fi

# 4. kubectl: kubectl v1.36.2, checked against its published checksum
if kubectl version --client 2>/dev/null | grep -qF 'Client Version: v1.36.2'; then echo "kubectl: done already"; else
fetch https://dl.k8s.io/release/v1.36.2/bin/linux/amd64/kubectl https://dl.k8s.io/release/v1.36.2/bin/linux/amd64/kubectl.sha256 "$work/file"
as_root install -m 0755 "$work/file" /usr/local/bin/kubectl
fi

# 5. minikube: minikube v1.38.1, checked against its published checksum
if [ "$(minikube version --short 2>/dev/null)" = v1.38.1 ]; then echo "minikube: done already"; else
fetch https://github.com/kubernetes/minikube/releases/download/v1.38.1/minikube-linux-amd64 https://github.com/kubernetes/minikube/releases/download/v1.38.1/minikube-linux-amd64.sha256 "$work/file"
as_root install -m 0755 "$work/file" /usr/local/bin/minikube
fi

# 6. crictl: crictl v1.36.0, checked against its published checksum
if crictl --version 2>/dev/null | grep -qF v1.36.0; then echo "crictl: done already"; else
fetch https://github.com/kubernetes-sigs/cri-tools/releases/download/v1.36.0/crictl-v1.36.0-linux-amd64.tar.gz https://github.com/kubernetes-sigs/cri-tools/releases/download/v1.36.0/crictl-v1.36.0-linux-amd64.tar.gz.sha256 "$work/file"
tar -xzf "$work/file" -C "$work" crictl
as_root install -m 0755 "$work/crictl" /usr/bin/crictl
fi

# 7. cni-plugins: CNI plugins v1.9.1, checked against its published checksum
if /opt/cni/bin/bridge --version 2>&1 | grep -qF v1.9.1; then echo "cni-plugins: done already"; else
fetch https://github.com/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-amd64-v1.9.1.tgz https://github.com/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-amd64-v1.9.1.tgz.sha256 "$work/file"
as_root mkdir -p /opt/cni/bin
as_root tar -xzf "$work/file" -C /opt/cni/bin --no-same-owner
fi

# 8. cri-dockerd: cri-dockerd v0.4.6, checked against a pinned checksum
if cri-dockerd --version 2>&1 | grep -qF 0.4.6 && systemctl is-enabled --quiet cri-docker.socket; then echo "cri-dockerd: done already"; else
fetch https://github.com/Mirantis/cri-dockerd/releases/download/v0.4.6/cri-dockerd-0.4.6.amd64.tgz e03649a877a221cc9d9052039edb0b1240f7386fbb5b95f0a9591742e375b545 "$work/file"
tar -xzf "$work/file" -C "$work" cri-dockerd/cri-dockerd
as_root install -m 0755 "$work/cri-dockerd/cri-dockerd" /usr/bin/cri-dockerd
as_root tee /etc/systemd/system/cri-docker.socket > /dev/null << 'UNIT'
[Unit]
Description=Socket of cri-dockerd
PartOf=cri-docker.service
[Socket]
ListenStream=%t/cri-dockerd.sock
SocketMode=0660
SocketUser=root
SocketGroup=docker
[Install]
WantedBy=sockets.target
UNIT
as_root tee /etc/systemd/system/cri-docker.service > /dev/null << 'UNIT'
[Unit]
Description=Container runtime interface for Docker
After=network-online.target docker.service
Wants=network-online.target
Requires=cri-docker.socket docker.service
[Service]
Type=notify
ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd://
Restart=always
Delegate=yes
KillMode=process
[Install]
WantedBy=multi-user.target
UNIT
as_root systemctl daemon-reload
as_root systemctl enable --now cri-docker.socket
fi

# 9. start: start Kubernetes v1.36.2
if as_root minikube status --format '{{.APIServer}}' 2>/dev/null | grep -qx Running; then echo "start: done already"; else
as_root minikube start --driver=none --kubernetes-version=v1.36.2
fi
