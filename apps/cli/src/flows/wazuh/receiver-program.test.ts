import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RECEIVER_FLAGS } from '../../receiver-flags.ts';
import { receiverProgram } from './receiver-program.ts';
import { receiverUnits } from './receiver-units.ts';

it('is a whole command line: what systemd is given starts the receiver', () => {
  const [program = '', ...args] = receiverProgram().split(' ');

  expect(execFileSync(program, [...args, '--help'], { encoding: 'utf8' })).toContain('Usage: k8s-audit-receiver');
});

it('runs with the receiver’s flags, also by the unit as it stands in the source tree', () => {
  const program = receiverProgram();
  const texts = receiverUnits('/', { program, configuration: '/etc/k8s-audit/receiver.yaml', listen: { port: 8080 } }).map(({ content }) =>
    String(content),
  );

  expect(texts.join('\n')).toContain(`ExecStart=${program} --config /etc/k8s-audit/receiver.yaml`);
  expect(program).toContain(` ${RECEIVER_FLAGS.join(' ')} `);
  const deployed = readFileSync(join(import.meta.dirname, '../../../../receiver/deploy/k8s-audit-receiver.service'), 'utf8');
  expect(deployed).toContain(` ${RECEIVER_FLAGS.join(' ')} `);
});
