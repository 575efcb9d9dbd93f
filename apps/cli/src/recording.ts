import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';

/** 1,242 requests of a real kube-apiserver 1.35.4 with the guide's policy (fixtures/README.md). */
const RECORDING = 'guide-policy.eventlists.jsonl';

/** In the source tree it is a fixture, in a release it lies beside the program. */
export function recordingFile(): string {
  const places = [join(import.meta.dirname, '../../../fixtures/recorded', RECORDING), join(import.meta.dirname, RECORDING)];
  const found = places.find((file) => existsSync(file));
  if (found === undefined)
    throw new Failure('PROGRAM_MISSING', `the recording ${RECORDING} is not beside this program`, {
      hint: 'install the whole release, or run from the source tree',
    });
  return found;
}
