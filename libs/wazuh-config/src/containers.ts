import { stringify } from 'yaml';

export interface ContainerOptions {
  /** Rule files by name. */
  readonly rules: ReadonlyMap<string, string>;
  /** Group of Wazuh's queue inside the manager's container: `docker exec … id -g wazuh`. */
  readonly wazuhGroup: number;
  readonly port: number;
}

/** A plain glibc system is all that a release needs. */
const IMAGE = 'debian:12-slim';
const PROGRAM = '/usr/lib/k8s-audit/bin/k8s-audit-receiver';
const QUEUE = '/var/ossec/queue';
const CERTIFICATES = '/etc/k8s-audit/certificates';
const RULES = '/var/ossec/etc/rules';

/** The receiver's configuration in a container; its certificates are mounted as `certs create` lays them. */
export function renderContainerConfiguration({ port }: ContainerOptions): string {
  return stringify({
    listen: { port },
    tls: {
      certificate: `${CERTIFICATES}/server.crt`,
      key: `${CERTIFICATES}/server.key`,
      clientAuthority: `${CERTIFICATES}/ca.crt`,
    },
    spool: { folder: '/var/lib/k8s-audit/spool' },
    wazuh: { socket: `${QUEUE}/sockets/queue` },
    admin: { address: '127.0.0.1' },
  });
}

/**
 * `docker-compose.override.yml` beside wazuh-docker's single-node file (4.3 to 4.14): the receiver in a container of its own that shares
 * the manager's queue, and the rules mounted into the manager. Compose merges it; nothing of Wazuh's own files is edited.
 */
export function renderComposeOverride(options: ContainerOptions): string {
  const mounts = [...options.rules.keys()].map((name) => `./k8s-audit/rules/${name}:${RULES}/${name}:ro`);
  return stringify({
    services: {
      'wazuh.manager': { volumes: mounts },
      'k8s-audit': {
        image: IMAGE,
        command: [PROGRAM, '--config', '/etc/k8s-audit/receiver.yaml'],
        restart: 'always',
        depends_on: ['wazuh.manager'],
        user: `10001:${options.wazuhGroup}`,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        ports: [`${options.port}:${options.port}`],
        volumes: [
          './k8s-audit/release:/usr/lib/k8s-audit:ro',
          './k8s-audit/receiver.yaml:/etc/k8s-audit/receiver.yaml:ro',
          `./k8s-audit/certificates:${CERTIFICATES}:ro`,
          `wazuh_queue:${QUEUE}`,
          'k8s_audit_spool:/var/lib/k8s-audit/spool',
        ],
      },
    },
    volumes: { k8s_audit_spool: null },
  });
}

/**
 * A kustomization over wazuh-kubernetes: the receiver as a second container of the master's pod (it shares its queue), rules in a
 * ConfigMap, certificates in a Secret, the port in a Service of its own.
 */
export function renderKustomization(options: ContainerOptions): ReadonlyMap<string, string> {
  const ruleMounts = [...options.rules.keys()].map((name) => ({
    name: 'k8s-audit-rules',
    mountPath: `${RULES}/${name}`,
    subPath: name,
    readOnly: true,
  }));
  const receiver = {
    name: 'k8s-audit',
    image: IMAGE,
    command: [PROGRAM, '--config', '/etc/k8s-audit/receiver.yaml'],
    ports: [{ containerPort: options.port, name: 'k8s-audit' }],
    securityContext: {
      runAsUser: 10_001,
      runAsGroup: options.wazuhGroup,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'k8s-audit-release', mountPath: '/usr/lib/k8s-audit', readOnly: true },
      { name: 'k8s-audit-config', mountPath: '/etc/k8s-audit', readOnly: true },
      { name: 'k8s-audit-certificates', mountPath: CERTIFICATES, readOnly: true },
      { name: 'wazuh-manager-master', mountPath: QUEUE, subPath: 'wazuh/var/ossec/queue' },
      { name: 'k8s-audit-spool', mountPath: '/var/lib/k8s-audit/spool' },
    ],
  };
  const patch = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'wazuh-manager-master' },
    spec: {
      template: {
        spec: {
          containers: [{ name: 'wazuh-manager', volumeMounts: ruleMounts }, receiver],
          volumes: [
            { name: 'k8s-audit-rules', configMap: { name: 'k8s-audit-rules' } },
            { name: 'k8s-audit-config', configMap: { name: 'k8s-audit-config' } },
            { name: 'k8s-audit-certificates', secret: { secretName: 'k8s-audit-certificates', defaultMode: 0o440 } },
            { name: 'k8s-audit-release', persistentVolumeClaim: { claimName: 'k8s-audit-release' } },
            { name: 'k8s-audit-spool', persistentVolumeClaim: { claimName: 'k8s-audit-spool' } },
          ],
        },
      },
    },
  };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'k8s-audit' },
    spec: {
      selector: { app: 'wazuh-manager', 'node-type': 'master' },
      ports: [{ name: 'k8s-audit', port: options.port, targetPort: options.port }],
    },
  };
  const claim = (name: string, size: string): object => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } },
  });
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: 'wazuh',
    resources: ['../../wazuh', 'service.yaml', 'claims.yaml'],
    configMapGenerator: [
      { name: 'k8s-audit-rules', files: [...options.rules.keys()].map((name) => `rules/${name}`) },
      { name: 'k8s-audit-config', files: ['receiver.yaml'] },
    ],
    secretGenerator: [
      { name: 'k8s-audit-certificates', files: ['server.crt', 'server.key', 'ca.crt'].map((name) => `certificates/${name}`) },
    ],
    patches: [{ path: 'manager.yaml' }],
  };
  return new Map([
    ['kustomization.yaml', stringify(kustomization)],
    ['manager.yaml', stringify(patch)],
    ['service.yaml', stringify(service)],
    ['claims.yaml', [claim('k8s-audit-release', '1Gi'), claim('k8s-audit-spool', '20Gi')].map((each) => stringify(each)).join('---\n')],
  ]);
}
