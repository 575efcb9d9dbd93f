import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** In the node and in the API server's pod: kubeadm mounts /etc/ssl/certs, and minikube copies its `files` to the node before Kubernetes starts. */
export const NODE_FOLDER = 'etc/ssl/certs/k8s-audit';

/** Flags whose value is a file; the webhook's names further files. */
const FILE_FLAGS = /^--(audit-policy-file|audit-webhook-config-file)=(.+)$/;
const NAMED_FILES = /^(\s*(?:certificate-authority|client-certificate|client-key): *)"?([^"\n]+)"?$/gm;

/**
 * Puts the files of audit flags below `folder`, and returns the flags with the paths that the API server will see.
 *
 * No name may end in `.crt` or `.pem`: minikube would install the certificate in it as an authority of the node.
 */
export function bringFiles(auditFlags: readonly string[], folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const bring = (path: string): string => {
    copyFileSync(path, join(folder, safeName(path)));
    return `/${NODE_FOLDER}/${safeName(path)}`;
  };
  return auditFlags.map((flag) => {
    const [, name, path] = FILE_FLAGS.exec(flag) ?? [];
    if (name === undefined || path === undefined) return flag;
    const text = readFileSync(path, 'utf8').replaceAll(NAMED_FILES, (_, key: string, file: string) => `${key}${bring(file)}`);
    writeFileSync(join(folder, safeName(path)), text);
    return `--${name}=/${NODE_FOLDER}/${safeName(path)}`;
  });
}

function safeName(path: string): string {
  return basename(path).replace(/\.(crt|pem)$/, '.cert');
}
