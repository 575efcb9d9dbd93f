/** The guide's unit is called so, and nothing else of a Wazuh server is. */
export const GUIDE_UNIT = 'wazuh-webhook.service';

/**
 * The script that the guide's unit runs, by Wazuh's own Python.
 *
 * @param unit text of a systemd unit
 * @returns undefined: it starts something else
 */
export function scriptOfUnit(unit: string): string | undefined {
  const started = [...unit.matchAll(/^ExecStart=(.*)$/gm)].map(([, command = '']) => command.trim());
  const [only, ...more] = started;
  if (only === undefined || more.length > 0) return undefined;
  return /^\S*\/framework\/python\/bin\/python3? (?<script>\/\S+\/custom-webhook\.py)$/.exec(only)?.groups?.['script'];
}
