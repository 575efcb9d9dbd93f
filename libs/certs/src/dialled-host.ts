import type { X509Certificate } from 'node:crypto';
import { parseHostName } from './host-name.ts';

/** An address of this machine, as the operating system lists it. */
export interface InterfaceAddress {
  readonly interface: string;
  readonly address: string;
  readonly internal: boolean;
}

export type AddressReach =
  /** What another machine may dial. */
  | 'network'
  /** A bridge for containers or virtual machines on this host: its guests dial it, nobody else can. */
  | 'bridge'
  /** Only this machine. */
  | 'loopback'
  /** Needs a zone (`%eth0`), which neither a certificate nor a webhook address can hold. */
  | 'link-local';

export interface DialledHost {
  readonly host: string;
  readonly reach: AddressReach;
  readonly interface?: string;
  /** The certificate holds it: Go's client compares nothing but the subject alternative names. */
  readonly isCovered: boolean;
}

/** docker, podman, cni, flannel, libvirt, and kind's and minikube's docker networks (`br-` and 12 hex digits). */
const BRIDGE = /^(?:docker\d*|podman\d*|br-[0-9a-f]{12}|cni\d*|cni-podman\d*|flannel\.\d+|virbr\d+|veth\w*|cali\w*|lxc\w*|lxdbr\d+)$/;

/** Whether a client that dials `host` takes this certificate (Go crypto/x509 VerifyHostname): the subject's common name counts for nothing. */
export function isHostCovered(certificate: X509Certificate, host: string): boolean {
  const { kind, value } = parseHostName(host);
  if (kind === 'ip') return certificate.checkIP(value) !== undefined;
  return certificate.checkHost(value, { subject: 'never', partialWildcards: false }) !== undefined;
}

/**
 * What API servers may dial to reach this machine, each held against the receiver's certificate. An address behind NAT or a load balancer,
 * and a name, are on no interface: they must be given by who knows them.
 */
export function dialledHosts(certificate: X509Certificate, addresses: readonly InterfaceAddress[]): readonly DialledHost[] {
  return addresses.map(({ interface: name, address, internal }) => {
    const reach = reachOf(name, address, internal);
    return { host: address, reach, interface: name, isCovered: reach !== 'link-local' && isHostCovered(certificate, address) };
  });
}

function reachOf(name: string, address: string, internal: boolean): AddressReach {
  if (internal) return 'loopback';
  if (/^fe[89ab]/i.test(address) || address.startsWith('169.254.')) return 'link-local';
  return BRIDGE.test(name) ? 'bridge' : 'network';
}
