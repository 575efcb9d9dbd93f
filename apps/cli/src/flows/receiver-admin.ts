import { request } from 'node:http';
import { Failure } from '@k8s-audit/failure';

/** The receiver's admin listener: an address with its port, or the path of a unix socket. */
export type AdminAddress = { readonly host: string; readonly port: number } | { readonly socketPath: string };

const WITHIN_MS = 5_000;

/** @throws Failure RECEIVER_NOT_READY, which names the address, where it does not answer in time */
export function askAdmin(admin: AdminAddress, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const name = 'socketPath' in admin ? admin.socketPath : `${admin.host}:${admin.port}`;
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...admin, path, agent: false, timeout: WITHIN_MS }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${WITHIN_MS / 1000} s`)));
    outgoing.on('error', (cause: NodeJS.ErrnoException) => {
      const hint = cause.code === 'EACCES' ? 'Run it with sudo.' : 'systemctl status k8s-audit-receiver';
      reject(new Failure('RECEIVER_NOT_READY', `${name}${path}: ${cause.message}`, { hint, cause }));
    });
    outgoing.end();
  });
}
