import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAuthority, type Subject } from '@k8s-audit/testbed';

/** A kubeconfig like `admin`, for another user: signed by the authority that minikube keeps in its home. */
export async function clientCertificate(home: string, admin: string, subject: Subject): Promise<string> {
  const authority = await openAuthority({
    certificate: readFileSync(join(home, 'ca.crt'), 'utf8'),
    key: readFileSync(join(home, 'ca.key'), 'utf8'),
  });
  const { certificate, key } = await authority.issue(subject);
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  return admin
    .replace(/client-certificate-data: \S+/, `client-certificate-data: ${base64(certificate)}`)
    .replace(/client-key-data: \S+/, `client-key-data: ${base64(key)}`);
}
