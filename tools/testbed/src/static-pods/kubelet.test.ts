import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Kubelet, MANIFESTS, POD_LOGS, startKubelet } from './kubelet.ts';
import type { KubeletEvent } from './kubelet-event.ts';
import { ensurePodShim, type ShimPrograms } from './pod-shim.ts';

let programs: ShimPrograms;
beforeAll(async () => {
  programs = await ensurePodShim();
}, 120_000);

let folder: string;
let kubelet: Kubelet | undefined;
let events: KubeletEvent[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubelet-'));
  events = [];
  for (const name of [MANIFESTS, 'data']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'data/file'), 'content\n');
});
afterEach(async () => {
  await kubelet?.stop();
  kubelet = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const start = (timing: Parameters<typeof startKubelet>[0]['timing'] = {}): void => {
  kubelet = startKubelet({
    nodeName: 'Node-1',
    nodeRoot: folder,
    stateFolder: join(folder, 'state'),
    shim: programs.shim,
    image: { program: programs.probe, arguments: [] },
    onEvent: (event) => events.push(event),
    timing: { replaceMs: 10, mountRetryMs: 50, ...timing },
  });
};

interface Manifest {
  readonly name?: string;
  readonly mounts?: readonly object[];
  readonly volumes?: readonly object[];
  readonly env?: readonly object[];
}
/** Writes as an editor should: beside, with a dot, and renamed. */
const write = (
  file: string,
  command: readonly string[],
  { name = 'kube-apiserver', mounts = [], volumes = [], env = [] }: Manifest = {},
): void => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'kube-system' },
    spec: {
      hostNetwork: true,
      containers: [{ name: 'main', image: 'any', command: ['probe', ...command], env, volumeMounts: mounts }],
      volumes,
    },
  };
  writeFileSync(join(folder, MANIFESTS, `.${file}`), JSON.stringify(pod));
  renameSync(join(folder, MANIFESTS, `.${file}`), join(folder, MANIFESTS, file));
};
const data = (mountPath: string, readOnly = false): { readonly name: string; readonly mountPath: string; readonly readOnly: boolean } => ({
  name: 'data',
  mountPath,
  readOnly,
});
const hostPath = (path: string, type?: string): { readonly name: string; readonly hostPath: object } => ({
  name: 'data',
  hostPath: { path: `/${path}`, type },
});
const seen = async <Kind extends KubeletEvent['kind']>(kind: Kind, nth = 1): Promise<Extract<KubeletEvent, { kind: Kind }>> =>
  vi.waitFor(
    () => {
      const found = events.filter((event): event is Extract<KubeletEvent, { kind: Kind }> => event.kind === kind)[nth - 1];
      expect(found, `${kind} no. ${nth} among ${JSON.stringify(events)}`).toBeDefined();
      return found as Extract<KubeletEvent, { kind: Kind }>;
    },
    { timeout: 10_000, interval: 10 },
  );
/** What the container said, without times and tags. */
const said = (log: string): readonly string[] =>
  readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\S+ (stdout|stderr) [FP] /, '$1: '));
const saidBy = async (nth = 1): Promise<readonly string[]> => {
  await seen('exited', nth);
  return said((await seen('started', nth)).log);
};
const slow = { backoff: { initialMs: 60_000, maxMs: 300_000 } };

describe('a container', () => {
  it('sees the volumes at their mount paths, and nothing else of the host', async () => {
    write('a.yaml', ['cat=/mnt/here/file', `cat=${folder}/data/file`, 'ls=/', 'ls=/etc'], {
      mounts: [data('/mnt/here')],
      volumes: [hostPath('data')],
    });
    start();

    expect(await saidBy()).toEqual([
      'stdout: /mnt/here/file: content',
      `stdout: ${folder}/data/file: open ${folder}/data/file: no such file or directory`,
      'stdout: /: dev etc mnt proc tmp usr',
      'stdout: /etc: hosts resolv.conf',
    ]);
  });

  it('may write where it may, and not where the mount is read-only', async () => {
    write('a.yaml', ['write=/data/new', 'wait'], { mounts: [data('/data')], volumes: [hostPath('data')] });
    write('b.yaml', ['write=/data/other', 'wait'], { name: 'other', mounts: [data('/data', true)], volumes: [hostPath('data')] });
    start();
    const logs = [(await seen('started')).log, (await seen('started', 2)).log];
    await vi.waitFor(() =>
      expect(logs.flatMap(said).sort()).toEqual([
        'stdout: write /data/new: done',
        'stdout: write /data/other: open /data/other: read-only file system',
      ]),
    );

    expect(existsSync(join(folder, 'data/new'))).toBe(true);
  });

  it('has the environment of its manifest alone, and a log where the kubelet writes it', async () => {
    write('a.yaml', ['env=A', 'env=HOME', 'err=to stderr'], { env: [{ name: 'A', value: 'b' }] });
    start(slow);
    const { log, uid } = await seen('started');

    const lines = await saidBy();
    // Two pipes: each in its own order.
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(['stdout: A=b', 'stdout: HOME=']);
    expect(lines.filter((line) => line.startsWith('stderr'))).toEqual(['stderr: to stderr']);
    expect(log).toBe(join(folder, `${POD_LOGS}/kube-system_kube-apiserver-node-1_${uid}/main/0.log`));
    expect(readFileSync(log, 'utf8')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z stdout F A=b$/m);
  });

  it('keeps a file that was mounted by itself although another took its name', async () => {
    const file = { name: 'file', hostPath: { path: '/data/file', type: 'File' } };
    const mounts = [data('/data'), { name: 'file', mountPath: '/file' }];
    write('a.yaml', ['cat=/file', 'until=/data/go', 'cat=/file', 'cat=/data/file'], { mounts, volumes: [hostPath('data'), file] });
    start(slow);
    const { log } = await seen('started');
    await vi.waitFor(() => expect(said(log)).toContain('stdout: /file: content'), 5_000);
    writeFileSync(join(folder, 'data/new'), 'newer\n');
    renameSync(join(folder, 'data/new'), join(folder, 'data/file'));
    writeFileSync(join(folder, 'data/go'), '');

    expect(await saidBy()).toEqual(['stdout: /file: content', 'stdout: /file: content', 'stdout: /data/file: newer']);
  });
});

describe('a volume', () => {
  it.each([
    ['File', 'missing', 'is not a file'],
    ['File', 'data', 'is not a file'],
    ['Directory', 'missing', 'is not a directory'],
    ['Directory', 'data/file', 'is not a directory'],
    ['DirectoryOrCreate', 'data/file', 'is not a directory'],
    ['Socket', 'data/file', 'is not a socket file'],
  ])('of type %s at %s holds the container back, without any log of it', async (type, path, reason) => {
    write('a.yaml', ['say=hello'], { mounts: [data('/data')], volumes: [hostPath(path, type)] });
    start();
    await seen('mount-failed', 2);

    expect((await seen('mount-failed')).reason).toBe(
      `MountVolume.SetUp failed for volume "data" : hostPath type check failed: ${folder}/${path} ${reason}`,
    );
    expect(events.some(({ kind }) => kind === 'started')).toBe(false);
  });

  it('that appears later lets the container begin', async () => {
    write('a.yaml', ['cat=/data/file'], { mounts: [data('/data')], volumes: [hostPath('later', 'Directory')] });
    start();
    await seen('mount-failed');
    mkdirSync(join(folder, 'later'));

    expect(await saidBy()).toEqual(['stdout: /data/file: open /data/file: no such file or directory']);
  });

  it.each(['DirectoryOrCreate', undefined])('of type %s is made a folder when it is missing', async (type) => {
    write('a.yaml', ['ls=/data'], { mounts: [data('/data')], volumes: [hostPath('new', type)] });
    start();

    expect(await saidBy()).toEqual(['stdout: /data:']);
  });
});

describe('a changed file', () => {
  it('ends the old process before the new one begins, and not for a comment', async () => {
    write('a.yaml', ['say=one', 'wait']);
    start(slow);
    const first = await seen('started');
    await vi.waitFor(() => expect(said(first.log)).toContain('stdout: one'));
    writeFileSync(join(folder, MANIFESTS, 'a.yaml'), `# a comment\n${readFileSync(join(folder, MANIFESTS, 'a.yaml'), 'utf8')}`);
    write('a.yaml', ['say=two', 'wait']);
    const second = await seen('started', 2);

    expect(said(first.log)).toEqual(['stdout: one', 'stdout: told to stop']);
    expect(events.map(({ kind }) => kind).filter((kind) => kind !== 'manifest-refused')).toEqual(['started', 'stopped', 'started']);
    expect(second.uid).not.toBe(first.uid);
  });

  it('ends the pod when it goes', async () => {
    write('a.yaml', ['wait']);
    start();
    await seen('started');
    rmSync(join(folder, MANIFESTS, 'a.yaml'));

    expect((await seen('stopped')).killed).toBe(false);
  });

  it('that is no pod leaves what runs in place until the next listing, and then takes it away', async () => {
    write('a.yaml', ['wait']);
    start({ relistMs: 700 });
    await seen('started');
    writeFileSync(join(folder, MANIFESTS, 'a.yaml'), 'kind: Pod\n  metadata: {');

    expect((await seen('manifest-refused')).reason).toMatch(/couldn't parse as pod/);
    expect(events.some(({ kind }) => kind === 'stopped')).toBe(false);
    await seen('stopped');
  });
});

describe('a second file', () => {
  it('of the same pod is a pod too, whatever its ending: the next listing gives it the place', async () => {
    write('kube-apiserver.yaml', ['say=edited', 'wait']);
    start({ relistMs: 500 });
    const edited = await seen('started');
    write('kube-apiserver.yaml.bak', ['say=backup', 'wait']);
    write('kube-apiserver.yaml', ['say=edited again', 'wait']);
    await vi.waitFor(
      () =>
        expect(events.findLast(({ kind }) => kind === 'started')).toMatchObject({
          file: join(folder, MANIFESTS, 'kube-apiserver.yaml.bak'),
        }),
      {
        timeout: 5_000,
      },
    );

    expect(edited.file).toBe(join(folder, MANIFESTS, 'kube-apiserver.yaml'));
    expect((await seen('several-files-one-pod')).files.map((file) => file.split('/').at(-1)).sort()).toEqual([
      'kube-apiserver.yaml',
      'kube-apiserver.yaml.bak',
    ]);
  });

  it('is none when its name begins with a dot', async () => {
    write('.kube-apiserver.yaml.bak', ['wait']);
    write('kube-apiserver.yaml', ['wait']);
    start({ relistMs: 100 });
    await seen('started');
    await new Promise((resolve) => setTimeout(resolve, 300));

    expect(events.map(({ kind }) => kind)).toEqual(['started']);
  });
});

it('starts a container that ends again, ever more slowly, each time with a log of its own', async () => {
  write('a.yaml', ['say=hello', 'exit=3']);
  start({ backoff: { initialMs: 40, maxMs: 300_000 } });
  const { log } = await seen('started', 4);
  await seen('exited', 4);

  expect(events.flatMap((event) => (event.kind === 'back-off' ? [event.waitMs] : [])).slice(0, 3)).toEqual([40, 80, 160]);
  expect((await seen('exited')).code).toBe(3);
  expect(log).toMatch(/\/main\/3\.log$/);
});

it('tells of a program that the image does not hold, without a log of it', async () => {
  write('a.yaml', []);
  writeFileSync(join(folder, MANIFESTS, 'a.yaml'), readFileSync(join(folder, MANIFESTS, 'a.yaml'), 'utf8').replace('"probe"', '"/bin/sh"'));
  start(slow);

  expect((await seen('not-created')).reason).toBe('/bin/sh: the image has programs in its path only');
});
