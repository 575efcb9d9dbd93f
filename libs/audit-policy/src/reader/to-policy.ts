import type { DecodedPolicy, DecodedRule } from '../decoded-policy.ts';
import { elementsOf, type GoStruct, type GoValue, toJson } from '../go-json/go-value.ts';
import type { GroupResources, JsonObject } from '../model.ts';

/** The decoded Go struct `v1.Policy` as the model. What is empty to Go is absent here. */
export function toPolicy(value: GoStruct): DecodedPolicy {
  const { fields } = value;
  const metadata = toJson(fields.get('metadata')) as JsonObject | undefined;
  return {
    ...(metadata !== undefined && Object.keys(metadata).length > 0 && { metadata }),
    rules: elementsOf(fields.get('rules')).map((rule) => toRule(fieldsOf(rule))),
    ...strings(fields, 'omitStages'),
    ...(fields.get('omitManagedFields') === true && { omitManagedFields: true }),
  };
}

function toRule(fields: ReadonlyMap<string, GoValue>): DecodedRule {
  const resources = elementsOf(fields.get('resources'));
  const omitManagedFields = fields.get('omitManagedFields');
  return {
    level: text(fields, 'level'),
    ...strings(fields, 'users'),
    ...strings(fields, 'userGroups'),
    ...strings(fields, 'verbs'),
    ...(resources.length > 0 && { resources: resources.map((entry) => toGroupResources(fieldsOf(entry))) }),
    ...strings(fields, 'namespaces'),
    ...strings(fields, 'nonResourceURLs'),
    ...strings(fields, 'omitStages'),
    ...(typeof omitManagedFields === 'boolean' && { omitManagedFields }),
  };
}

function toGroupResources(fields: ReadonlyMap<string, GoValue>): GroupResources {
  return { group: text(fields, 'group'), ...strings(fields, 'resources'), ...strings(fields, 'resourceNames') };
}

function text(fields: ReadonlyMap<string, GoValue>, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}

type StringLists<Name extends string> = { readonly [Key in Name]?: readonly string[] };

function strings<Name extends string>(fields: ReadonlyMap<string, GoValue>, name: Name): StringLists<Name> {
  const values = elementsOf(fields.get(name)).map((value) => (typeof value === 'string' ? value : ''));
  const lists: { [Key in Name]?: readonly string[] } = {};
  if (values.length > 0) lists[name] = values;
  return lists;
}

function fieldsOf(value: GoValue): ReadonlyMap<string, GoValue> {
  return value !== null && typeof value === 'object' && value.type === 'struct' ? value.fields : new Map();
}
