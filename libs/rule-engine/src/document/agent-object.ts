import type { ByteString } from '../byte-string.ts';
import type { EngineEvent } from '../event/engine-event.ts';
import { printString } from '../json/strings.ts';

/** json_extended.c copies locations into buffers of 1024 bytes. */
const MAX_LOCATION_BYTES = 1_023;

/**
 * The alert's `agent`: number, name, and the address that the location holds, `any` left out. Undefined when the location is that of
 * an agentless device, which takes its place. Source: wazuh v4.14.7 src/analysisd/format/json_extended.c.
 */
export function printAgent(event: EngineEvent, managerName: ByteString): ByteString | undefined {
  if (agentlessOf(event) !== undefined) return undefined;
  const members = [`"id":${printString(event.agentId)}`];
  const { location } = event;
  if (location.startsWith('(')) {
    members.push(`"name":${printString(event.hostname)}`);
    const address = addressOf(location);
    if (address !== undefined && address !== 'any') members.push(`"ip":${printString(address)}`);
  } else if (event.agentId === '000') members.push(`"name":${printString(managerName)}`);
  return `{${members.join(',')}}`;
}

/** `(script) user@host->location` of the manager itself. */
export function printAgentless(event: EngineEvent): ByteString | undefined {
  const agentless = agentlessOf(event);
  if (agentless === undefined) return undefined;
  const [script, user, host] = agentless.map(printString);
  return `{"script":${script},"user":${user},"host":${host}}`;
}

/** The alert's `location`: of `(name) address->place` only the place; undefined when there is no ">". */
export function placeOf({ location }: EngineEvent): ByteString | undefined {
  if (!location.startsWith('(')) return location;
  const text = location.slice(0, MAX_LOCATION_BYTES);
  const arrow = text.indexOf('>');
  return arrow < 0 ? undefined : text.slice(arrow + 1);
}

function addressOf(location: ByteString): ByteString | undefined {
  const close = location.indexOf(')');
  if (close < 0) return undefined;
  const text = location.slice(close + 2);
  const end = text.indexOf('-');
  return end < 0 ? text : text.slice(0, end);
}

function agentlessOf({ location, agentId }: EngineEvent): readonly [ByteString, ByteString, ByteString] | undefined {
  if (!location.startsWith('(') || agentId !== '000') return undefined;
  const scriptEnd = location.indexOf(') ', 1);
  const at = scriptEnd < 0 ? -1 : location.indexOf('@', scriptEnd + 2);
  const arrow = at < 0 ? -1 : location.indexOf('->', at + 1);
  if (arrow < 0) return undefined;
  return [location.slice(1, scriptEnd), location.slice(scriptEnd + 2, at), location.slice(at + 1, arrow)];
}
