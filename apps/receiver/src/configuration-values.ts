import { trustedProxies } from '@k8s-audit/event-pipeline';
import { z } from 'zod';

export const KIB = 1024;
export const MIB: number = 1024 * KIB;
export const GIB: number = 1024 * MIB;

export const bytes: z.ZodType<number, number | string> = z
  .union([z.number().int().positive(), z.string().regex(/^\d+(\.\d+)?\s*(KiB|MiB|GiB)$/, 'a number of bytes, or one with KiB, MiB or GiB')])
  .transform(toBytes);

export const port: z.ZodNumber = z.number().int().min(0).max(65_535);

export const path: z.ZodString = z.string().min(1);

export const addressOrRange: z.ZodString = z.string().refine((entry) => trustedProxies([entry]) !== undefined, 'an address or a CIDR');

function toBytes(value: number | string): number {
  if (typeof value === 'number') return value;
  const unit = { KiB: KIB, MiB: MIB, GiB: GIB }[value.slice(-3)] as number;
  return Math.floor(Number.parseFloat(value) * unit);
}
