import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import type { WantedFile } from '@k8s-audit/host-files';
import { hostPlaces, WAZUH_GROUP } from './host-places.ts';

export interface UnitOptions {
  /** How the service starts the receiver. */
  readonly program: string;
  readonly configuration: string;
  /** Without an address: all of this machine's. */
  readonly listen: { readonly address?: string; readonly port: number };
}

/** The receiver's own units (apps/receiver/deploy), with the program, configuration and port of this installation. */
export function receiverUnits(root: string, { program, configuration, listen }: UnitOptions): readonly WantedFile[] {
  const { service, socket } = hostPlaces(root, '/');
  const unit = readUnit('k8s-audit-receiver.service')
    .replace(/^ExecStart=.*$/m, `ExecStart=${program} --config ${configuration}`)
    // What the receiver writes below Wazuh's folders is none; what it reads there is open to this group.
    .replace(/^Group=.*$/m, `Group=${WAZUH_GROUP}`);
  return [
    { path: socket, content: readUnit('k8s-audit-receiver.socket').replace(/^ListenStream=.*$/m, listenStream(listen)) },
    { path: service, content: unit },
  ];
}

/** An address may come up later than the sockets do. */
function listenStream({ address, port }: UnitOptions['listen']): string {
  if (address === undefined) return `ListenStream=${port}`;
  return `ListenStream=${address.includes(':') ? `[${address}]` : address}:${port}\nFreeBind=yes`;
}

/** In the source tree they stand with the receiver, in a release beside this program. */
function readUnit(name: string): string {
  const places = [join(import.meta.dirname, '../../../../receiver/deploy', name), join(import.meta.dirname, name)];
  const found = places.find((file) => existsSync(file));
  if (found === undefined)
    throw new Failure('PROGRAM_MISSING', `the unit ${name} is not beside this program`, {
      hint: 'install the whole release, or run from the source tree',
    });
  return readFileSync(found, 'utf8');
}
