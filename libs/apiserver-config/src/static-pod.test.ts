import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { undoYamlChanges } from '@k8s-audit/yaml-edits';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AuditSetup, Patch, PatchOptions } from './audit-setup.ts';
import { auditFlags } from './flag.ts';
import { computeLoadFlags } from './load-flags.ts';
import { patchStaticPod } from './static-pod.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures');
const MANIFEST = readFileSync(join(FIXTURES, 'kubeadm/kube-apiserver.yaml'), 'utf8');

const FOLDER = '/etc/kubernetes/audit';
const PATHS = { policyPath: `${FOLDER}/policy.yaml`, webhookPath: `${FOLDER}/webhook.yaml` };
const SETUP: AuditSetup = {
  flags: auditFlags({ ...PATHS, load: computeLoadFlags() }),
  mounts: [{ name: 'k8s-audit', hostPath: FOLDER, mountPath: FOLDER, readOnly: true, type: 'Directory' }],
  checksum: 'sha256:one',
};
const WITH_LOG: AuditSetup = {
  ...SETUP,
  flags: auditFlags({ ...PATHS, logPath: '/var/log/kubernetes/audit/audit.log', load: computeLoadFlags() }),
  mounts: [
    ...SETUP.mounts,
    {
      name: 'k8s-audit-log',
      hostPath: '/var/log/kubernetes/audit',
      mountPath: '/var/log/kubernetes/audit',
      readOnly: false,
      type: 'DirectoryOrCreate',
    },
  ],
};

function patched(text: string, setup: AuditSetup = SETUP, options: PatchOptions = {}): Extract<Patch, { kind: 'patched' }> {
  const patch = patchStaticPod(text, setup, options);
  if (patch.kind !== 'patched') throw new Error(JSON.stringify(patch.conflicts));
  return patch;
}

const withFlags = (...flags: readonly string[]): string =>
  MANIFEST.replace('    - kube-apiserver\n', `    - kube-apiserver\n${flags.map((flag) => `    - ${flag}\n`).join('')}`);

describe('of kubeadm', () => {
  it('gets flags, mount, volume and checksum, and keeps every line', async () => {
    const { text } = patched(MANIFEST, WITH_LOG);
    await expect(text).toMatchFileSnapshot('../golden/static-pod.yaml');
    const lines = text.split('\n');
    expect(MANIFEST.split('\n').filter((line) => !lines.includes(line))).toEqual([]);
  });

  it('does not change when it is patched twice, and gives the very bytes back', () => {
    const once = patched(MANIFEST);
    expect(patched(once.text)).toMatchObject({ text: once.text, changes: [], remarks: [] });
    expect(undoYamlChanges(once.text, once.changes)).toMatchObject({ text: MANIFEST, left: [] });
  });

  it('is restarted by a changed checksum, and by nothing else', () => {
    const once = patched(MANIFEST);
    const again = patched(once.text, { ...SETUP, checksum: 'sha256:two' });
    expect(again.text).toBe(once.text.replace('sha256:one', 'sha256:two'));
    expect(undoYamlChanges(again.text, [...once.changes, ...again.changes]).text).toBe(MANIFEST);
  });

  it('gets its arguments where it has some', () => {
    const text = MANIFEST.replace('    - --advertise-address', '    args:\n    - --advertise-address');
    const container = parse(patched(text).text).spec.containers[0];
    expect([container.command, container.args.at(-1)]).toEqual([['kube-apiserver'], '--audit-webhook-truncate-enabled=false']);
  });
});

describe('flags that are there already', () => {
  it('of the guide: a second policy and webhook are conflicts, named with both values', () => {
    const text = withFlags(
      '--audit-policy-file=/etc/kubernetes/audit-policy.yaml',
      '--audit-webhook-config-file=/etc/kubernetes/audit-webhook.yaml',
      '--audit-webhook-batch-max-size=1',
    );
    expect(patchStaticPod(text, SETUP)).toMatchObject({
      kind: 'conflicts',
      conflicts: [
        { what: '--audit-policy-file', there: '/etc/kubernetes/audit-policy.yaml', wanted: PATHS.policyPath },
        { what: '--audit-webhook-config-file', there: '/etc/kubernetes/audit-webhook.yaml' },
      ],
    });
    const taken = patched(text, SETUP, { replace: true });
    expect(parse(taken.text).spec.containers[0].command).toEqual(expect.arrayContaining([`--audit-policy-file=${PATHS.policyPath}`]));
    expect(taken.text).not.toContain('audit-policy.yaml');
    expect(undoYamlChanges(taken.text, taken.changes).text).toBe(text);
  });

  it.each([
    ['a batch size of 1', '--audit-webhook-batch-max-size=1', '100', 'repaired'],
    ['an underscore in its name', '--audit_webhook_batch_max_size=1', '100', 'repaired'],
    ['truncation', '--audit-webhook-truncate-enabled=true', 'false', 'repaired'],
    ['truncation without a value', '--audit-webhook-truncate-enabled', 'false', 'repaired'],
  ])('that lose events are repaired: %s', (_, item, value, kind) => {
    const text = withFlags(item);
    const { text: after, remarks, changes } = patched(text);
    expect(remarks).toMatchObject([{ kind, wanted: value }]);
    expect(after).toContain(`${/[a-z_-]+/.exec(item.replaceAll('_', '-'))?.[0]}=${value}`);
    expect(after).not.toContain(`${item}\n`);
    expect(undoYamlChanges(after, changes).text).toBe(text);
  });

  it.each(['blocking', 'blocking-strict'])('mode %s is refused until it may be replaced', (mode) => {
    const text = withFlags(`--audit-webhook-mode=${mode}`);
    expect(patchStaticPod(text, SETUP)).toMatchObject({
      kind: 'conflicts',
      conflicts: [{ what: '--audit-webhook-mode', there: mode, why: expect.stringContaining('waits') }],
    });
    expect(patched(text, SETUP, { replace: true }).text).toContain('--audit-webhook-mode=batch');
  });

  it('that do no harm stay, and are named; so are those that we have no wish for', () => {
    const text = withFlags('--audit-webhook-batch-max-size=200', '--audit-log-format=json', '--audit-log-maxage=7');
    const { text: after, remarks } = patched(text, WITH_LOG);
    expect(after).toContain('--audit-webhook-batch-max-size=200');
    expect(remarks.map(({ kind, what, why }) => [kind, what, why])).toEqual([
      ['kept', '--audit-webhook-batch-max-size', 'it is not ours, and does no harm'],
      ['kept', '--audit-log-maxage', 'it is not ours; CIS 1.2.17 asks for 30 or more'],
      ['kept', '--audit-log-format', 'it is not ours'],
    ]);
  });

  it('ours are renewed, a value that somebody tuned since is not', () => {
    const once = patched(MANIFEST).text;
    const faster = { ...SETUP, flags: auditFlags({ ...PATHS, load: computeLoadFlags(2_000) }) };
    expect(patched(once, faster, { ours: SETUP.flags }).text).toContain('throttle-qps=200');
    const tuned = once.replace('throttle-qps=50', 'throttle-qps=75');
    expect(patched(tuned, faster, { ours: SETUP.flags }).text).toContain('throttle-qps=75');
  });

  it('the last of a repeated one counts', () => {
    const { text } = patched(withFlags('--audit-webhook-batch-max-size=1', '--audit-webhook-batch-max-size=1'));
    expect(parse(text).spec.containers[0].command.filter((item: string) => item.includes('max-size'))).toEqual([
      '--audit-webhook-batch-max-size=1',
      '--audit-webhook-batch-max-size=100',
    ]);
  });

  it('name and value as two items are read, and not rewritten', () => {
    expect(patchStaticPod(withFlags('--audit-webhook-batch-max-size', '"1"'), SETUP)).toMatchObject({
      kind: 'conflicts',
      conflicts: [{ there: '1' }],
    });
    const same = withFlags('--audit-policy-file', PATHS.policyPath);
    expect(patched(same).text.match(/--audit-policy-file/g)).toHaveLength(1);
  });
});

describe('mounts that are there already', () => {
  const withMount = (mount: string, volume: string): string =>
    MANIFEST.replace('    volumeMounts:\n', `    volumeMounts:\n    - ${mount}\n`).replace('  volumes:\n', `  volumes:\n  - ${volume}\n`);

  it('of a folder above show ours too', () => {
    const text = withMount('{ name: all, mountPath: /etc/kubernetes/ }', '{ name: all, hostPath: { path: /etc/kubernetes } }');
    const { text: after, remarks } = patched(text);
    expect([after.includes('name: k8s-audit'), remarks]).toEqual([
      false,
      [expect.objectContaining({ kind: 'covered', there: 'all (/etc/kubernetes/)' })],
    ]);
  });

  it.each([
    ['another folder at our place', `{ name: x, mountPath: ${FOLDER} }`, '{ name: x, hostPath: { path: /srv } }', `mount ${FOLDER}`],
    ['no folder of the host at our place', `{ name: x, mountPath: ${FOLDER} }`, '{ name: x, emptyDir: {} }', `mount ${FOLDER}`],
    ['our name for something else', '{ name: k8s-audit, mountPath: /x }', '{ name: k8s-audit, hostPath: { path: /x } }', `mount ${FOLDER}`],
  ])('%s is a conflict', (_, mount, volume, what) => {
    expect(patchStaticPod(withMount(mount, volume), SETUP, { replace: true })).toMatchObject({ kind: 'conflicts', conflicts: [{ what }] });
  });
});

it.each([
  ['another kind', 'kind: Deployment\nspec: {}\n'],
  ['another container', MANIFEST.replaceAll('kube-apiserver', 'kube-scheduler')],
  ['a shell', MANIFEST.replace('    - kube-apiserver\n', '    - /bin/sh\n    - -c\n    - exec kube-apiserver\n')],
  ['two documents', `${MANIFEST}---\n${MANIFEST}`],
  ['nothing', ''],
  ['no container', 'kind: Pod\nspec: { containers: null }\n'],
])('refuses a manifest with %s', (_, text) => {
  expect(() => patchStaticPod(text, SETUP)).toThrow(expect.objectContaining({ code: 'APISERVER_MANIFEST_UNSUITABLE' }));
});
