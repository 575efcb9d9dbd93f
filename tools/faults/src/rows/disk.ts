import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostResult } from '../audit-client.ts';
import { eventually } from '../eventually.ts';
import type { FaultRow } from '../fault-row.ts';
import type { ReceiverProcess } from '../receiver-process.ts';
import { ERRNO, FaultControl, faultEnvironment } from '../shim/fault-layer.ts';
import type { Trial } from '../trial.ts';

/** Row 9: the disk refuses. Nothing may be acknowledged that it did not take, and nobody has to mend anything afterwards. */
export const diskRefuses: FaultRow = {
  id: '9',
  fault: 'disk full, over quota, failing (EIO), read-only',
  injection:
    'a real file system of 24 MiB (tmpfs) is filled by another file (where mounting is allowed; else ENOSPC comes as the others); EROFS, EIO and EDQUOT are answered to every write and every new file; one fdatasync fails with EIO',
  standIn:
    'EROFS, EIO and EDQUOT are answered by a layer below the process, not by a broken disk: the kernel does not make a file system read-only while files are open for writing',
  isFast: true,
  run: async (trial) => {
    const control = new FaultControl(join(trial.folder, 'fault-control'));
    trial.onClose(() => control.close());
    const disk = mountSmallDisk(trial);
    const env = faultEnvironment({ control: control.file, folder: trial.spoolFolder });
    const receiver = await trial.start({ spool: { segmentBytes: '64 KiB', maxBytes: '20 MiB' } }, { env });
    await trial.postNew(10);
    for (const name of ['ENOSPC', 'EROFS', 'EIO', 'EDQUOT'] as const) {
      const isReal = name === 'ENOSPC' && disk !== undefined;
      const [begin, end] = isReal ? [disk.fill, disk.empty] : [() => failDisk(control, ERRNO[name]), () => control.reset()];
      await refuseAndRecover(trial, receiver, name, begin, end);
    }
    await failOneSync(trial, control);
    trial.findings.figure('small disk', disk === undefined ? 'no mount allowed here: errors by the layer' : 'tmpfs of 24 MiB');
    await trial.conclude(receiver, {
      named: [
        { logged: 'spool-write-failed', metric: ['k8s_audit_faults_total', 'kind="write-failed"'] },
        { logged: 'refused', metric: ['k8s_audit_refusals_total', 'code="spool-write-failed"'] },
      ],
    });
  },
};

/** A segment's and its successor's writes fail: what one write alone meets, the spool mends without anybody noticing. */
function failDisk(control: FaultControl, errno: number): void {
  for (const point of ['segment-write', 'spare-write', 'spare-open', 'cursor-write'] as const) control.failAt(point, errno);
}

async function refuseAndRecover(trial: Trial, receiver: ReceiverProcess, name: string, begin: () => void, end: () => void): Promise<void> {
  begin();
  const during: PostResult[] = [];
  // What was preallocated still takes some.
  for (let list = 0; list < 60 && during.filter(is503).length < 5; list++) during.push(await trial.postNew(20));
  const refused = during.filter(is503);
  const others = during.filter((each) => !is503(each) && !(each.kind === 'answer' && each.status === 200));
  end();
  const recoveredMs = await eventually(
    async () => {
      const result = await trial.postNew(1);
      return result.kind === 'answer' && result.status === 200;
    },
    10_000,
    100,
  );
  const retryAfter = refused.map((each) => Number(each.kind === 'answer' ? each.retryAfter : 0));
  trial.findings.check(
    'own',
    `${name}: 503 with Retry-After of 3 to 30 s, nothing else`,
    refused.length >= 5 && others.length === 0 && retryAfter.every((each) => each >= 3 && each <= 30),
    `${refused.length} × 503, Retry-After ${[...new Set(retryAfter)].join(', ')}, ${others.length} others`,
  );
  trial.findings.check(
    'own',
    `${name}: it takes events again by itself`,
    recoveredMs !== undefined,
    recoveredMs === undefined ? 'not within 10 s' : `after ${Math.round(recoveredMs)} ms`,
  );
  await eventually(() => receiver.logged('spool-write-recovered').length > 0, 2_000);
}

const is503 = (result: PostResult): boolean => result.kind === 'answer' && result.status === 503;

/** After a failed fdatasync the pages count as clean: a spool that only tries again acknowledges what never reached the disk. */
async function failOneSync(trial: Trial, control: FaultControl): Promise<void> {
  control.failAt('segment-datasync', ERRNO.EIO, 1);
  const result = await trial.postNew(5);
  const writes = control.seen('segment-write');
  trial.findings.check(
    'own',
    'one failed fdatasync: the frames are written anew to another file before the 200',
    result.kind === 'answer' && result.status === 200 && writes >= 2,
    `${result.kind === 'answer' ? result.status : result.code}, ${writes} writes`,
  );
  control.reset();
}

interface SmallDisk {
  readonly fill: () => void;
  readonly empty: () => void;
}

/** Mounts a tmpfs where the spool will be; undefined where that is not allowed. */
function mountSmallDisk(trial: Trial): SmallDisk | undefined {
  const folder = join(trial.folder, 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=0700', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  trial.onClose(async () => {
    for (const receiver of trial.receivers) if (!receiver.hasEnded) await receiver.kill();
    execFileSync('umount', ['-l', folder]);
  });
  trial.spoolFolder = join(folder, 'spool');
  const ballast = join(folder, 'ballast');
  return {
    fill: () => {
      try {
        for (let piece = 0; ; piece++) writeFileSync(`${ballast}-${piece}`, Buffer.alloc(1 << 16, 1));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    empty: () => execFileSync('sh', ['-c', 'rm -f -- "$0"-*', ballast]),
  };
}

/** Row 10: the spool's own limit. */
export const spoolAtLimit: FaultRow = {
  id: '10',
  fault: 'spool at its limit',
  injection: 'spool.maxBytes of 9 MiB, a reader that stands still, lists until 503 comes; then the reader goes on',
  isFast: true,
  run: async (trial) => {
    trial.sink.pause();
    const receiver = await trial.start({ spool: { segmentBytes: '64 KiB', maxBytes: '9 MiB' } });
    const refused: PostResult[] = [];
    let warnedBefore = false;
    for (let list = 0; list < 2_000 && refused.length < 5; list++) {
      const result = await trial.postNew(20);
      if (is503(result)) refused.push(result);
      if (refused.length === 0 && receiver.logged('spool-level').some((each) => each['level'] === 'warn')) warnedBefore = true;
      // The level is looked at ten times a second.
      if (list % 5 === 0) await sleep(20);
    }
    const before = await receiver.books();
    const ready = await receiver.adminText('/readyz');
    trial.findings.check(
      'own',
      'it refuses with 503 and Retry-After, and never drops the oldest',
      refused.length === 5 && refused.every((each) => each.kind === 'answer' && Number(each.retryAfter) >= 3),
      `${refused.length} × 503, ${before.spool.undeliveredRecords} kept`,
    );
    trial.findings.check('own', 'it warned before', warnedBefore, warnedBefore ? 'spool-level warn came first' : 'no warning');
    trial.findings.check('own', '/readyz says why', ready.includes('spool is full'), ready.trim());
    trial.findings.check(
      'own',
      'its files stay within the limit',
      before.spool.diskBytes <= 9 << 20,
      `${before.spool.diskBytes} of ${9 << 20} bytes`,
    );
    trial.findings.figure('events kept at the limit', before.spool.undeliveredRecords);
    trial.sink.resume();
    await trial.drained(receiver, 30_000);
    await trial.conclude(receiver, {
      named: [
        { logged: 'spool-level', metric: ['k8s_audit_faults_total', 'kind="level-full"'] },
        { logged: 'refused', metric: ['k8s_audit_refusals_total', 'code="spool-full"'] },
      ],
    });
  },
};
