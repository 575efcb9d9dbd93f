import { applyYamlRequests, dataOf, parseYamlFile, type YamlRequest } from '@k8s-audit/yaml-edits';
import type { AuditSetup, Patch, PatchOptions, Remark } from './audit-setup.ts';
import { canonicalFlagName, decideFlags, type FlagDecisions } from './decide-flags.ts';
import type { Flag } from './flag.ts';
import { textOf, valueAt } from './loose-data.ts';

const ARGUMENTS = 'kube-apiserver-arg';

/**
 * Puts an audit setup into `/etc/rancher/k3s/config.yaml`. The API server runs inside k3s and sees the host's files: nothing is mounted.
 * An absent file is an empty text.
 *
 * @throws Failure YAML_UNREADABLE, YAML_UNSUITABLE
 */
export function patchK3sConfig(text: string, { flags }: AuditSetup, options: PatchOptions = {}): Patch {
  const config = readConfig(text);
  const decided = decideFlags(flags, config.flags, options);
  if (decided.conflicts.length > 0) return { kind: 'conflicts', conflicts: decided.conflicts };
  return { kind: 'patched', ...applyYamlRequests(text, argumentRequests(config, decided)), remarks: decided.remarks };
}

/**
 * Puts an audit setup into `/etc/rancher/rke2/config.yaml`. The policy has a key of its own: without it RKE2 writes a policy that records
 * nothing. Folders are mounted by `kube-apiserver-extra-mount`. RKE2 keeps an audit log by itself, with the values that CIS asks for
 * (rke2 6ce1a801 pkg/executor/staticpod/staticpod.go:206-275): flags of the log are left out.
 */
export function patchRke2Config(text: string, setup: AuditSetup, options: PatchOptions = {}): Patch {
  const config = readConfig(text);
  const policy = setup.flags.filter(({ name }) => name === 'audit-policy-file');
  const webhook = setup.flags.filter(({ name }) => name.startsWith('audit-webhook-'));
  const decided = decideFlags(webhook, config.flags, options);
  const policyThere = valueAt(config.data, 'audit-policy-file');
  const policyDecided = decideFlags(
    policy,
    policyThere === undefined ? [] : [{ name: 'audit-policy-file', value: textOf(policyThere) }],
    options,
  );
  const conflicts = [...policyDecided.conflicts, ...decided.conflicts];
  if (conflicts.length > 0) return { kind: 'conflicts', conflicts };

  const mountsThere = listAt(config.data, 'kube-apiserver-extra-mount');
  const mounts = setup.mounts
    .filter(({ name }) => name !== 'k8s-audit-log')
    .map(({ hostPath, mountPath }) => `${hostPath}:${mountPath}:ro`);
  const requests: YamlRequest[] = [
    ...policyDecided.decisions
      .filter(({ action }) => action !== 'leave')
      .map(({ flag }): YamlRequest => ({ kind: 'set-entry', path: [], key: flag.name, value: flag.value })),
    ...argumentRequests(config, decided),
    ...listRequests(config.data, 'kube-apiserver-extra-mount'),
    ...mounts
      .filter((mount) => !mountsThere.includes(mount))
      .map((value): YamlRequest => ({ kind: 'add-item', path: ['kube-apiserver-extra-mount'], value })),
  ];
  const log: readonly Remark[] = setup.flags
    .filter(({ name }) => name === 'audit-log-path')
    .map(({ value }) => ({
      kind: 'kept',
      what: '--audit-log-path',
      there: 'RKE2’s own',
      wanted: value,
      why: 'RKE2 keeps an audit log by itself',
    }));
  const remarks = [...policyDecided.remarks, ...decided.remarks, ...log];
  const needed = mounts.some((mount) => !mountsThere.includes(mount))
    ? requests
    : requests.filter(({ path }) => path[0] !== 'kube-apiserver-extra-mount');
  return { kind: 'patched', ...applyYamlRequests(text, needed), remarks };
}

interface ServerConfig {
  readonly data: unknown;
  readonly flags: readonly (Flag & { readonly item: string })[];
}

/** Items are `name=value`, with or without dashes before; one alone may stand there without a list. */
function readConfig(text: string): ServerConfig {
  const [data] = dataOf(parseYamlFile(text));
  const flags = listAt(data, ARGUMENTS).map((item) => {
    const at = item.indexOf('=');
    return { name: canonicalFlagName(at === -1 ? item : item.slice(0, at)), value: at === -1 ? 'true' : item.slice(at + 1), item };
  });
  return { data, flags };
}

function argumentRequests({ data, flags }: ServerConfig, { decisions }: FlagDecisions): readonly YamlRequest[] {
  const changed = decisions.filter(({ action }) => action !== 'leave');
  if (changed.length === 0) return [];
  return [
    ...listRequests(data, ARGUMENTS),
    ...changed.map(({ flag, action }): YamlRequest => {
      const value = `${flag.name}=${flag.value}`;
      const old = flags.findLast(({ name }) => name === flag.name);
      if (action === 'add' || old === undefined) return { kind: 'add-item', path: [ARGUMENTS], value };
      return { kind: 'replace-item', path: [ARGUMENTS], from: old.item, to: value };
    }),
  ];
}

/** A single value becomes a list of one first. */
function listRequests(data: unknown, key: string): readonly YamlRequest[] {
  const value = valueAt(data, key);
  return typeof value === 'string' ? [{ kind: 'set-entry', path: [], key, value: [value] }] : [];
}

function listAt(data: unknown, key: string): readonly string[] {
  const value = valueAt(data, key);
  return Array.isArray(value) ? value.map(textOf) : typeof value === 'string' ? [value] : [];
}
