import { parseClusterName, parseHostName } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';

/** The guide's port, and the receiver's default. */
export const DEFAULT_PORT = 8_080;

/** Where API servers send their audit events. */
export interface WebhookAddress {
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `10.0.0.7`, `audit.example.com:8443`, `[fd00::7]:8080`, `fd00::7`, each also behind `https://`.
 *
 * @throws Failure WEBHOOK_SERVER_INVALID: plain HTTP (the API server would use it silently), a path (the cluster's name makes it),
 *   a query (the API server drops it), credentials, port 0; HOST_INVALID
 */
export function parseWebhookAddress(text: string): WebhookAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'https')
    throw invalid(
      text,
      `begins with ${scheme}://`,
      'Use https://: without it an API server sends every event in plain text, and says nothing.',
    );
  const rest = scheme === undefined ? text : text.slice('https://'.length).replace(/\/$/, '');
  if (/[/?#@]/.test(rest))
    throw invalid(text, 'is more than a host and a port', 'Give HOST or HOST:PORT; --cluster and --api-server make the path.');
  const { host, port } = splitPort(rest);
  if (port !== undefined && !/^\d{1,5}$/.test(port)) throw invalid(text, 'has an odd port', 'A port is a number from 1 to 65535.');
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (number < 1 || number > 65_535) throw invalid(text, 'has an odd port', 'A port is a number from 1 to 65535.');
  return { host: parseHostName(host).value, port: number };
}

/** The URL of the `server:` line. The path is the only thing on the wire that tells API servers of one cluster apart. */
export function renderWebhookUrl(address: WebhookAddress, cluster: string, apiServer?: string): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const path = [cluster, ...(apiServer === undefined ? [] : [apiServer])].map(parseClusterName).join('/');
  return `https://${host}:${address.port}/${path}`;
}

function splitPort(text: string): { readonly host: string; readonly port?: string | undefined } {
  const bracketed = /^(\[[^\]]*\])(?::(.*))?$/.exec(text);
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] };
  // More than one colon and no brackets: an IPv6 address alone.
  const [host = '', port, ...more] = text.split(':');
  return more.length > 0 ? { host: text } : { host, port };
}

function invalid(text: string, what: string, hint: string): Failure {
  return new Failure('WEBHOOK_SERVER_INVALID', `The address "${text}" ${what}.`, { hint });
}
