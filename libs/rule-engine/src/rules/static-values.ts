import type { ComparedField, ListStaticField, StaticField } from '@k8s-audit/wazuh-rules';
import type { ByteString } from '../byte-string.ts';
import type { EngineEvent } from '../event/engine-event.ts';

/** The values that `<field>` cannot reach, by the names that rules use for them; undefined when the event does not have it. */
export function staticValue(event: EngineEvent, name: StaticField | 'srcip' | 'dstip' | 'srcuser' | 'dstuser'): ByteString | undefined {
  switch (name) {
    case 'program_name':
      return event.predecoded.programName;
    case 'hostname':
      return event.hostname;
    case 'user':
      // Source: rules.c, OS_CheckIfRuleMatch.
      return event.fields.statics.dstuser ?? event.fields.statics.srcuser;
    case 'srcgeoip':
    case 'dstgeoip':
      // Wazuh is built without GeoIP.
      return undefined;
    default:
      return event.fields.statics[name];
  }
}

/** Lists look a user up the other way round: first the source user. */
export function listValue(event: EngineEvent, name: ListStaticField): ByteString | undefined {
  if (name === 'user') return event.fields.statics.srcuser ?? event.fields.statics.dstuser;
  return staticValue(event, name);
}

/** What `same_…` and `different_…` compare; here `user` is the destination user alone (eventinfo.c, field_offset). */
export function comparedValue(event: EngineEvent, name: ComparedField): ByteString | undefined {
  if (name === 'location') return event.location;
  if (name === 'user') return event.fields.statics.dstuser;
  return staticValue(event, name);
}
