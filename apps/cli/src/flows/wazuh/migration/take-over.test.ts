import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runActions } from '../host-actions.ts';
import { guideService, takeOverActions } from './take-over.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'take-over-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A systemctl that notes how it was called, on a machine where the guide's service is so, and where ours does not start. */
function systemctl({ active, enabled }: { readonly active: string; readonly enabled: string }): { readonly PATH: string } {
  const script = `#!/bin/sh
case "$*" in
  "is-active "*) echo ${active} ;;
  "is-enabled "*) echo ${enabled} ;;
  *) echo "$*" >> ${folder}/calls ;;
esac
case "$*" in "start k8s-audit-receiver"*) echo "Job failed" >&2; exit 1 ;; esac
`;
  for (const [name, text] of [
    ['systemctl', script],
    ['journalctl', '#!/bin/sh\necho "PORT_TAKEN: 8080"\n'],
  ] as const) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  return { PATH: folder };
}

const OURS = 'k8s-audit-receiver.socket k8s-audit-receiver.service';

it.each([
  ['running', { active: 'active', enabled: 'enabled' }, ['daemon-reload', 'start wazuh-webhook.service']],
  ['stopped', { active: 'inactive', enabled: 'disabled' }, ['daemon-reload']],
])('where ours does not start, the guide’s service is %s as before, and not disabled meanwhile', async (_what, is, back) => {
  const env = systemctl(is);
  const service = await guideService(folder, env);
  const actions = takeOverActions(service, { port: 8080 }, 'AB:CD');

  await expect(runActions(actions, { env })).rejects.toMatchObject({
    code: 'HOST_ACTION_FAILED',
    message: `systemctl start ${OURS}: Job failed\n  PORT_TAKEN: 8080`,
  });
  expect(readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')).toEqual([
    'stop wazuh-webhook.service',
    'daemon-reload',
    `start ${OURS}`,
    `stop ${OURS}`,
    ...back,
  ]);
});

it('takes the guide’s service out of the start of the machine only when ours is in', () => {
  const commands = takeOverActions({ file: folder, isActive: true, isEnabled: true }, { port: 8080 }, 'AB:CD').flatMap(({ run }) => run);

  expect(commands.map((command) => command.join(' ')).slice(-2)).toEqual([
    `systemctl enable ${OURS}`,
    'systemctl disable wazuh-webhook.service',
  ]);
});
