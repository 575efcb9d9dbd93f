import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Distribution, parseOsRelease } from './os-release.ts';
import { planSetup, renderSetup, renderStep, type SetupOptions } from './setup-plan.ts';

const ROCKY = parseOsRelease('ID="rocky"\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="Rocky Linux 9.6 (Blue Onyx)"\n');
const DEBIAN = parseOsRelease('ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n');
const options = (over: Partial<SetupOptions> = {}): SetupOptions => ({
  distribution: ROCKY,
  architecture: 'amd64',
  driver: 'docker',
  kubernetesVersion: 'v1.36.2',
  skip: [],
  ...over,
});
const names = (over: Partial<SetupOptions>): readonly string[] => planSetup(options(over)).steps.map(({ name }) => name);

describe('a plan', () => {
  it.each([
    ['rhel', 'docker', ROCKY],
    ['rhel', 'none', ROCKY],
    ['debian', 'docker', DEBIAN],
    ['debian', 'none', DEBIAN],
  ])('for %s with the driver %s is this script', async (family, driver, distribution) => {
    await expect(renderSetup(planSetup(options({ distribution, driver })))).toMatchFileSnapshot(`golden/setup.${family}.${driver}.sh`);
  });

  it.each(['docker', 'podman', 'kvm2', 'none', 'virtualbox'])('with the driver %s is bash, whole and step by step', (driver) => {
    for (const distribution of [ROCKY, DEBIAN])
      for (const architecture of ['amd64', 'arm64'] as const) {
        const plan = planSetup(options({ driver, distribution, architecture }));
        for (const script of [renderSetup(plan), ...plan.steps.map(renderStep)])
          expect(spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
      }
  });

  it('holds what the driver needs, and no more', () => {
    expect(names({ driver: 'none' })).toEqual([
      'preflight',
      'packages',
      'docker',
      'kubectl',
      'minikube',
      'crictl',
      'cni-plugins',
      'cri-dockerd',
      'start',
    ]);
    expect(names({ driver: 'docker' })).toEqual(['preflight', 'packages', 'docker', 'kubectl', 'minikube', 'start']);
    expect(names({ driver: 'virtualbox' })).toEqual(['preflight', 'packages', 'kubectl', 'minikube', 'start']);
  });

  it('leaves out what it is told to', () => {
    expect(names({ skip: ['docker', 'start', 'crictl'] })).toEqual(['preflight', 'packages', 'kubectl', 'minikube']);
  });

  it('never touches SELinux, and checks every download', () => {
    for (const distribution of [ROCKY, DEBIAN]) {
      const script = renderSetup(planSetup(options({ distribution, driver: 'none' })));
      expect(script).not.toMatch(/setenforce|SELINUX=/);
      const urls = script.match(/https:\/\/\S+/g) ?? [];
      const checked = script.match(/^fetch (\S+) (\1\.sha256|[0-9a-f]{64}) "\$work\/file"$/gm) ?? [];
      expect(checked).toHaveLength(5);
      expect(urls.filter((url) => /github\.com|dl\.k8s\.io/.test(url)).length).toBe(9);
    }
  });

  it.each([
    [{ driver: 'none; rm -rf /' }],
    [{ driver: '' }],
    [{ kubernetesVersion: '1.36' }],
    [{ kubernetesVersion: 'v1.36.2 --force' }],
    [{ skip: ['selinux'] }],
  ])('refuses %j', (over) => {
    expect(() => planSetup(options(over))).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('a distribution', () => {
  it.each<[string, Omit<Distribution, 'name'>]>([
    ['ID=rhel\nID_LIKE="fedora"', { family: 'rhel', dockerFolder: 'rhel' }],
    ['ID="centos"\nID_LIKE="rhel fedora"', { family: 'rhel', dockerFolder: 'centos' }],
    ['ID=fedora', { family: 'rhel', dockerFolder: 'fedora' }],
    ['ID="ol"\nID_LIKE="fedora"', { family: 'rhel', dockerFolder: 'centos' }],
    ['ID=debian\nVERSION_CODENAME=trixie', { family: 'debian', dockerFolder: 'debian', suite: 'trixie' }],
    [
      'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble',
      { family: 'debian', dockerFolder: 'ubuntu', suite: 'noble' },
    ],
    [
      'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble',
      { family: 'debian', dockerFolder: 'ubuntu', suite: 'noble' },
    ],
    ["ID='debian'\r\nVERSION_CODENAME='bookworm'\r\n", { family: 'debian', dockerFolder: 'debian', suite: 'bookworm' }],
  ])('%j', (text, expected) => {
    expect(parseOsRelease(text)).toMatchObject(expected);
  });

  it.each(['', 'ID=arch', 'ID=alpine\nID_LIKE=""', 'ID=debian', 'ID=debian\nVERSION_CODENAME="x; reboot"'])('refuses %j', (text) => {
    expect(() => parseOsRelease(text)).toThrow(expect.objectContaining({ code: 'PLATFORM_UNSUPPORTED' }));
  });
});
