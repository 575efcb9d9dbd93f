/** Where each distribution lets its API server see files. */
export const FOLDERS = {
  'static-pod': '/etc/kubernetes/audit',
  minikube: '/etc/ssl/certs/k8s-audit',
  k3s: '/etc/rancher/k3s/audit',
  rke2: '/etc/rancher/rke2/audit',
  k0s: '/etc/k0s/audit',
  microk8s: '/var/snap/microk8s/current/args/k8s-audit',
} as const;
