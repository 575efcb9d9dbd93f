#!/usr/bin/env bash
# minikube with Kubernetes v1.36.2, driver docker, on Debian GNU/Linux 12 (bookworm) (amd64).
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
[ "$(id -u)" != 0 ] || { echo "minikube refuses root with this driver: run as an ordinary user who may use sudo" >&2; exit 1; }
sudo -v
if command -v getenforce > /dev/null; then echo "SELinux: $(getenforce), stays as it is"; fi

# 2. packages: packages of the system: curl, ca-certificates, tar, gnupg
if [ "$(dpkg-query -W -f '${db:Status-Status} ' curl ca-certificates tar gnupg 2> /dev/null)" = 'installed installed installed installed ' ]; then echo "packages: done already"; else
as_root apt-get update
as_root env DEBIAN_FRONTEND=noninteractive apt-get -y install curl ca-certificates tar gnupg
fi

# 3. docker: Docker, from https://download.docker.com/linux/debian
if docker --version > /dev/null 2>&1 && systemctl is-active --quiet docker; then echo "docker: done already"; else
download https://download.docker.com/linux/debian/gpg "$work/docker.asc"
[ "$(gpg --show-keys --with-colons "$work/docker.asc" | awk -F: '$1 == "pub" { keys++ } $1 == "fpr" && !first { first = $10 } END { print keys, first }')" = "1 9DC858229FC7DD38854AE2D88D81803C0EBFCD88" ] \
  || { echo "not the key of Docker's packages" >&2; exit 1; }
as_root install -m 0755 -d /etc/apt/keyrings
as_root install -m 0644 "$work/docker.asc" /etc/apt/keyrings/docker.asc
echo "deb [arch=$(dpkg --print-architecture) signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/debian bookworm stable" | as_root tee /etc/apt/sources.list.d/docker.list > /dev/null
as_root apt-get update
as_root env DEBIAN_FRONTEND=noninteractive apt-get -y install docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin
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

# 6. start: start Kubernetes v1.36.2
if minikube status --format '{{.APIServer}}' 2>/dev/null | grep -qx Running; then echo "start: done already"; else
if docker info > /dev/null 2>&1; then minikube start --driver=docker --kubernetes-version=v1.36.2; else sg docker -c 'minikube start --driver=docker --kubernetes-version=v1.36.2'; fi
fi
