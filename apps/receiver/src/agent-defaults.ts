import { join } from 'node:path';

type Settings = Record<string, unknown>;

/**
 * What an agent is: a receiver beside one API server that reads its log file and hands to the Wazuh agent of the host. Its
 * configuration is the receiver's; only what is not said means something else: no port, no certificates, the agent's socket.
 *
 * @param given what file, environment and flags say together; nothing of it is changed
 */
export function withAgentDefaults(given: unknown): unknown {
  if (!isSettings(given)) return given;
  const sources = section(given, 'sources');
  const wazuh = section(given, 'wazuh');
  const admin = section(given, 'admin');
  const folder = section(given, 'spool')?.['folder'];
  return {
    ...given,
    ...(sources === undefined ? {} : { sources: { webhook: false, ...sources } }),
    ...(wazuh === undefined ? {} : { wazuh: { transport: 'agent', ...wazuh } }),
    // Health and metrics without a port: a unix socket beside the spool, which nobody but its owner may enter.
    ...(admin === undefined || typeof folder !== 'string' ? {} : { admin: { address: join(folder, 'admin.sock'), ...admin } }),
  };
}

/** Empty where nothing is said; undefined where something is said that is no section: the schema names it. */
function section(given: Settings, name: string): Settings | undefined {
  const value = given[name] ?? {};
  return isSettings(value) ? value : undefined;
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
