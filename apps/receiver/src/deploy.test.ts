import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentedMetrics } from './documented-metrics.ts';

const deployed = (name: string): string => readFileSync(join(import.meta.dirname, '../deploy', name), 'utf8');
const METRIC = /\b(?:k8s_audit|process|nodejs)_[a-z0-9_]+/g;

/** With what Prometheus makes of a histogram. */
async function knownNames(): Promise<ReadonlySet<string>> {
  const metrics = await documentedMetrics().getMetricsAsJSON();
  return new Set(
    metrics.flatMap(({ name, type }) => (String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])),
  );
}

describe('the alert rules and the dashboard', () => {
  const rules = parse(deployed('prometheus-rules.yaml')) as { groups: readonly { rules: readonly { alert: string; expr: string }[] }[] };
  const dashboard = JSON.parse(deployed('grafana-dashboard.json')) as {
    panels: readonly { id: number; title: string; targets: readonly { expr: string }[] }[];
  };
  const expressions = [
    ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];

  it('ask for metrics that exist, each for one of ours or of the process', async () => {
    const known = await knownNames();
    for (const expression of expressions) {
      const names = expression.match(METRIC) ?? [];
      expect(names.length, expression).toBeGreaterThan(0);
      for (const name of names) expect(known.has(name), `${name} in ${expression}`).toBe(true);
    }
    expect(expressions.length).toBeGreaterThan(20);
  });

  it('have names of their own', () => {
    const alerts = rules.groups.flatMap((group) => group.rules.map(({ alert }) => alert));
    for (const names of [alerts, dashboard.panels.map(({ title }) => title)]) expect(new Set(names).size).toBe(names.length);
  });
});

describe('the systemd units', () => {
  const service = deployed('k8s-audit-receiver.service');

  it('start the receiver by systemd’s socket, with its group, its watchdog and its reload', () => {
    for (const line of [
      'Type=notify',
      'SupplementaryGroups=wazuh',
      'ExecReload=/bin/kill -HUP $MAINPID',
      'Requires=k8s-audit-receiver.socket',
      'UMask=0077',
    ])
      expect(service.split('\n')).toContain(line);
    expect(Number(/^WatchdogSec=(\d+)$/m.exec(service)?.[1])).toBeGreaterThan(0);
    expect(deployed('k8s-audit-receiver.socket')).toContain('FileDescriptorName=data');
  });

  // The whole judgement, by systemd's own tool, is `npm run units`; this holds what it cannot see.
  it('allow the program to write to its state and nowhere else', () => {
    expect(service).not.toMatch(/^ReadWritePaths=/m);
    expect(service).toMatch(/^ProtectSystem=strict$/m);
  });

  it('name a Node and a program that are there, for a checkout in /opt/k8s-audit', () => {
    const [, command = ''] = /^ExecStart=(.+) --config /m.exec(service) ?? [];
    const [node = '', ...args] = command.replaceAll('/opt/k8s-audit', join(import.meta.dirname, '../../..')).split(' ');
    const { status, stdout } = spawnSync(node, [...args, '--help']);

    expect([status, stdout.toString()]).toEqual([0, expect.stringContaining('k8s-audit-receiver')]);
  });
});
