import { z } from 'zod';
import { configurationLeaves, environmentName } from './configuration.ts';

export interface ConfigurationKey {
  readonly path: string;
  readonly environment: string;
  /** Absent for a key without a default. */
  readonly fallback?: unknown;
  /** It must be given wherever the object that holds it is. */
  readonly required: boolean;
  readonly description: string;
}

/** Every key with its default and meaning, read from the schema. */
export function configurationReference(): readonly ConfigurationKey[] {
  return configurationLeaves().map(({ path, schema }) => ({
    path,
    environment: environmentName(path),
    ...(schema instanceof z.ZodDefault ? { fallback: schema.def.defaultValue } : {}),
    required: !(schema instanceof z.ZodDefault || schema instanceof z.ZodOptional),
    description: schema.description ?? '',
  }));
}
