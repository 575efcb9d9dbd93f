/** What goes into the manifest of an API server on one node. */
export interface ApiServerManifest {
  readonly kubernetesVersion: string;
  readonly address: string;
  readonly port: number;
  /** `kube-apiserver` and its flags. */
  readonly command: readonly string[];
}

/** Where the manifest lies in kubeadm's folder of manifests. */
export const API_SERVER_MANIFEST = 'kube-apiserver.yaml';
/** Where the certificates of the control plane are on a node of kubeadm, and in the container. */
export const PKI_FOLDER = '/etc/kubernetes/pki';

/**
 * The file as kubeadm v1.35 writes it, in its order and with its indentation (kubernetes cmd/kubeadm/app/phases/controlplane/manifests.go): flags, probes,
 * volumes. It is what people edit by hand, and what the product edits for them.
 */
export function renderApiServerManifest({ kubernetesVersion, address, port, command }: ApiServerManifest): string {
  const probe = (name: string, path: string, failures: number): string => `    ${name}:
      failureThreshold: ${failures}
      httpGet:
        host: ${address}
        path: ${path}
        port: ${port}
        scheme: HTTPS
      periodSeconds: 10
      timeoutSeconds: 15
`;
  const [program = '', ...flags] = command;
  return `apiVersion: v1
kind: Pod
metadata:
  annotations:
    kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: ${address}:${port}
  labels:
    component: kube-apiserver
    tier: control-plane
  name: kube-apiserver
  namespace: kube-system
spec:
  containers:
  - command:
    - ${program}
${flags.map((flag) => `    - ${flag}\n`).join('')}    image: registry.k8s.io/kube-apiserver:${kubernetesVersion}
    imagePullPolicy: IfNotPresent
${probe('livenessProbe', '/livez', 8)}    name: kube-apiserver
${probe('readinessProbe', '/readyz', 3)}    resources:
      requests:
        cpu: 250m
${probe('startupProbe', '/livez', 24)}    volumeMounts:
    - mountPath: /etc/ssl/certs
      name: ca-certs
      readOnly: true
    - mountPath: ${PKI_FOLDER}
      name: k8s-certs
      readOnly: true
  hostNetwork: true
  priority: 2000001000
  priorityClassName: system-node-critical
  securityContext:
    seccompProfile:
      type: RuntimeDefault
  volumes:
  - hostPath:
      path: /etc/ssl/certs
      type: DirectoryOrCreate
    name: ca-certs
  - hostPath:
      path: ${PKI_FOLDER}
      type: DirectoryOrCreate
    name: k8s-certs
status: {}
`;
}
