import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildArguments, buildKey, kubernetesVersion, SOURCE_FOLDER } from './build-inputs.ts';

it('replaces each of the 31 staging modules by the version that belongs to the Kubernetes version', () => {
  const replaced = readFileSync(join(SOURCE_FOLDER, 'go.mod'), 'utf8').match(/^\tk8s\.io\/\S+ => k8s\.io\/\S+ v\S+$/gm) ?? [];
  const staging = kubernetesVersion().replace(/^v1/, 'v0');

  expect(replaced).toHaveLength(31);
  expect(replaced.filter((line) => !line.endsWith(` ${staging}`))).toEqual([]);
});

it('links the version into both places that tell it', () => {
  const linked = buildArguments('v1.35.4').join(' ');

  for (const name of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
    expect(linked).toContain(`-X ${name}.gitVersion=v1.35.4`);
    expect(linked).toContain(`-X ${name}.gitMinor=35`);
  }
});

it('names a binary by the Go version too', () => {
  expect(buildKey('go1.26.8')).toMatch(/^[0-9a-f]{16}$/);
  expect(buildKey('go1.26.8')).not.toBe(buildKey('go1.26.9'));
});
