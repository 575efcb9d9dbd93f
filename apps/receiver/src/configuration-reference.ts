import { z } from 'zod';
import { configurationPaths, configurationSchema, environmentName } from './configuration.ts';

export interface ConfigurationKey {
  readonly path: string;
  readonly environment: string;
  /** Absent for a key that must be given. */
  readonly fallback?: unknown;
  readonly description: string;
}

/** Every key with its default and meaning, read from the schema. */
export function configurationReference(): readonly ConfigurationKey[] {
  const document = z.toJSONSchema(configurationSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return configurationPaths().map((path) => {
    const leaf = path.split('.').reduce<JsonSchema>((node, key) => node.properties?.[key] ?? {}, document);
    return {
      path,
      environment: environmentName(path),
      ...(leaf.default === undefined ? {} : { fallback: leaf.default }),
      description: leaf.description ?? '',
    };
  });
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly default?: unknown;
  readonly description?: string;
}
