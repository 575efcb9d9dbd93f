import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderComposeOverride, renderContainerConfiguration, renderKustomization } from './containers.ts';

const OPTIONS = {
  rules: new Map([
    ['k8s_audit_rules.xml', '<group/>'],
    ['zz_k8s_audit_end.xml', '<group/>'],
  ]),
  wazuhGroup: 999,
  port: 8080,
};

it('shows both layouts as their goldens', async () => {
  await expect(renderComposeOverride(OPTIONS)).toMatchFileSnapshot('../golden/docker-compose.override.yml');
  await expect(renderContainerConfiguration(OPTIONS)).toMatchFileSnapshot('../golden/container-receiver.yaml');
  for (const [name, text] of renderKustomization(OPTIONS)) await expect(text).toMatchFileSnapshot(`../golden/kubernetes-${name}`);
});

it('names only files that it renders, and mounts only volumes that it declares', () => {
  const files = renderKustomization(OPTIONS);
  const kustomization = parse(files.get('kustomization.yaml') ?? '') as { resources: string[]; patches: { path: string }[] };
  const own = [...kustomization.resources.filter((path) => !path.startsWith('..')), ...kustomization.patches.map(({ path }) => path)];
  for (const path of own) expect([...files.keys()]).toContain(path);

  const { containers, volumes } = (parse(files.get('manager.yaml') ?? '') as Patch).spec.template.spec;
  const declared = new Set([...volumes.map(({ name }) => name), 'wazuh-manager-master']);
  for (const { volumeMounts } of containers) for (const { name } of volumeMounts) expect(declared).toContain(name);
});

interface Patch {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: { readonly volumeMounts: { readonly name: string }[] }[];
        readonly volumes: { readonly name: string }[];
      };
    };
  };
}
