import { isAbsolute, resolve } from 'node:path';
import type { AlertBackend } from './alert-backend.ts';
import { createEmbeddedBackend } from './backends/embedded.ts';
import { createManagerBackend } from './backends/wazuh-manager.ts';
import type { Product } from './product-process.ts';

/** `embedded`, or the folder of a Wazuh manager on this machine. */
export function chooseBackend(name: string, product: Product): AlertBackend {
  if (name === 'embedded') return createEmbeddedBackend(product);
  return createManagerBackend(isAbsolute(name) ? name : resolve(name));
}
