import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planFirewall } from './firewall.ts';
import { runActions, runActionsAgain, undoActions } from './host-actions.ts';

/** Programs of the system as scripts that note how they were called, in a folder that stands first on the path. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-actions-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, body = ''): void {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> ${folder}/calls\n${body}\n`);
  chmodSync(file, 0o755);
}
const calls = (): string[] => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : []);
const env = (): Record<string, string> => ({ PATH: folder });

describe('the firewall that is active', () => {
  const nothing = (...notes: readonly string[]): object => ({ actions: [], files: [], notes });

  it('is opened and closed again for good with firewalld', async () => {
    program('firewall-cmd', 'case "$1" in --state) echo running ;; --query-port) echo no; exit 1 ;; esac');
    const { actions } = await planFirewall(folder, 8080, env());
    rmSync(join(folder, 'calls'));
    await runActions(actions, { env: env() });
    await undoActions(actions, { env: env() });

    expect(calls()).toEqual([
      'firewall-cmd --permanent --add-port=8080/tcp',
      'firewall-cmd --reload',
      'firewall-cmd --permanent --remove-port=8080/tcp',
      'firewall-cmd --reload',
    ]);
  });

  it('is left alone where the port is open already: it is not ours to close', async () => {
    program('firewall-cmd', 'case "$1" in --state) echo running ;; --query-port) echo yes ;; esac');
    expect(await planFirewall(folder, 8080, env())).toEqual(nothing('firewalld: 8080/tcp is open already'));
    program('firewall-cmd', 'echo not running; exit 252');
    program('ufw', 'printf "Status: active\\n\\nTo Action From\\n8080/tcp                   ALLOW       Anywhere\\n"');
    expect(await planFirewall(folder, 8080, env())).toEqual(nothing('ufw: 8080/tcp is open already'));
  });

  it('is opened with ufw', async () => {
    program('firewall-cmd', 'exit 252');
    program('ufw', '[ "$1" = status ] && echo "Status: active"; exit 0');
    expect((await planFirewall(folder, 8080, env())).actions).toMatchObject([
      { run: [['ufw', 'allow', '8080/tcp']], undo: [['ufw', 'delete', 'allow', '8080/tcp']] },
    ]);
  });

  it('is none: nothing is done', async () => {
    for (const absent of ['firewall-cmd', 'ufw', 'nft']) program(absent, 'exit 1');
    expect(await planFirewall(folder, 8080, env())).toEqual(nothing());
  });
});

it('takes back what was done when a later one fails, and nothing that was not', async () => {
  program('good');
  program('bad', 'echo "no such unit" >&2; exit 5');
  const action = (name: string): { says: string; run: string[][]; undo: string[][] } => ({
    says: name,
    run: [[name, 'do']],
    undo: [[name, 'undo']],
  });
  const done = runActions([action('good'), action('bad'), action('good')], { env: env() });

  await expect(done).rejects.toMatchObject({ code: 'HOST_ACTION_FAILED', message: 'bad do: no such unit' });
  expect(calls()).toEqual(['good do', 'bad do', 'good undo']);
});

it('goes on taking back what it can, and names what it cannot', async () => {
  program('bad', 'exit 1');
  program('good');
  const undo = [
    ['bad', 'undo'],
    ['good', 'undo'],
  ];
  expect(await undoActions([{ says: '', run: [], undo }], { env: env() })).toHaveLength(1);
  expect(calls()).toEqual(['bad undo', 'good undo']);
});

it('leaves out what is about a file that is gone, and runs the rest once more as far as it can', async () => {
  program('bad', 'exit 1');
  program('good');
  const action = (name: string, ofFile: string): { says: string; run: string[][]; undo: string[][]; ofFile: string } => ({
    says: name,
    run: [[name, 'do']],
    undo: [[name, 'undo']],
    ofFile,
  });
  const problems = await runActionsAgain([action('bad', join(folder, 'gone')), action('bad', folder), action('good', folder)], {
    env: env(),
  });

  expect(problems).toEqual(['bad do: Command failed: bad do']);
  expect(calls()).toEqual(['bad do', 'good do']);
});
