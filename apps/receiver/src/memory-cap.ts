import { MIB } from './configuration-values.ts';
import type { Limits } from './limits-configuration.ts';

/**
 * What a receiver holds beside bodies: Node and its libraries (about 120 MiB), what V8 keeps before it collects (100), records
 * just written (8), a million keys of delivered events, connections, a portion of each list that is being stored, the
 * thread for large events (its heap takes 150 for the worst of them). Measured: 280 to 590 MiB in all, whoever posts whatever; `npm run faults -- --row 31` drives it there.
 */
const BASE_BYTES = 512 * MIB;

/** Resident memory stays below this. The embedded back end, which is a Wazuh in the same process, comes on top. */
export function memoryCapBytes({ inFlightBytes }: Pick<Limits, 'inFlightBytes'>): number {
  return BASE_BYTES + inFlightBytes;
}
