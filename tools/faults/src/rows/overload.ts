import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultRow } from '../fault-row.ts';
import type { ReceiverProcess } from '../receiver-process.ts';
import type { Trial } from '../trial.ts';

const MIB = 1 << 20;

/** Row 31, beyond the matrix: what the receiver may hold is a function of its configuration, whoever posts whatever how fast. */
export const overload: FaultRow = {
  id: '31',
  fault: 'more than it can hold: clients that never wait, and bodies that unfold in memory',
  injection:
    'lists of 400 events of 1 KB from eight clients as fast as they are answered; sixteen bodies of 64 MiB at once (400 events, the rest white space); one body of events of 15 bytes, and one of numbers instead of events; limits as they are by default',
  isFast: true,
  run: async (trial) => {
    const { findings, settings, oracle } = trial;
    oracle.expectForeign((k8s) => String(k8s['auditID']) === TINY_ID);
    const receiver = await trial.start({ spool: { segmentBytes: '64 MiB', maxBytes: '4 GiB' } });
    const capBytes = await receiver.metric('k8s_audit_memory_cap_bytes');
    const peaks: string[] = [];
    const note = (what: string): void => void peaks.push(`${what} ${Math.round(receiver.peakRssBytes / MIB)}`);

    const load = trial.load({ workers: 8, listEvents: 400, isExact: true, bodyBytes: 500 });
    load.start();
    await sleep(settings.isFast ? 5_000 : 30_000);
    await load.stop();
    await load.settle();
    note('never waiting');

    const list = oracle.issue(400, { bodyBytes: 500 });
    const large = paddedTo(64 * MIB, oracle.listOf(list));
    const many = await Promise.all(Array.from({ length: 16 }, () => trial.client.post(large)));
    const statuses = many.map((each) => (each.kind === 'answer' ? each.status : each.code));
    if (statuses.includes(200)) oracle.acknowledge(list);
    findings.check('own', '16 bodies of 64 MiB at once: one at least is taken', statuses.includes(200), [...new Set(statuses)].join(', '));
    note('16 × 64 MiB');

    const unfoldingBytes = (settings.isFast ? 8 : 63) * MIB;
    await postRepeated(trial, 'events of 15 bytes', `{"auditID":"${TINY_ID}"}`, unfoldingBytes);
    note('tiny events');
    await postRepeated(trial, 'numbers', '1', settings.isFast ? MIB / 2 : 4 * MIB);
    note('numbers');

    findings.figure('events posted without a pause', load.acknowledgedEvents);
    findings.figure('greatest resident memory by then, MiB', peaks.join(', '));
    findings.figure('cap, MiB', capBytes / MIB);
    await trial.drained(receiver, 300_000);
    await trial.conclude(receiver, { named: [], capBytes });
    await checkNamed(trial, receiver);
  },
};

const TINY_ID = '1';

async function postRepeated(trial: Trial, name: string, item: string, bytes: number): Promise<void> {
  const items = Array.from({ length: Math.floor(bytes / (item.length + 1)) }, () => item).join(',');
  const result = await trial.client.post(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"auditID":"${TINY_ID}"},${items}]}`);
  trial.findings.check(
    'own',
    `${name} are taken: 200`,
    result.kind === 'answer' && result.status === 200,
    result.kind === 'answer' ? result.status : result.code,
  );
}

/** White space between two events: as long on the wire as a list of very many, and delivered in no time. */
function paddedTo(bytes: number, list: string): string {
  const at = list.lastIndexOf('},{') + 2;
  return list.slice(0, at) + ' '.repeat(bytes - list.length) + list.slice(at);
}

async function checkNamed(trial: Trial, receiver: ReceiverProcess): Promise<void> {
  const refused = await receiver.metric('k8s_audit_refusals_total', 'code="memory-budget"');
  trial.findings.check('I6', 'k8s_audit_refusals_total{code="memory-budget"} names what did not fit', refused > 0, refused);
}
