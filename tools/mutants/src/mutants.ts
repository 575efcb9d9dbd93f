import type { Mutant } from './mutant.ts';

/** Each promise of the product has a defect here that breaks it, and that the tests must notice. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a client without a certificate is let in',
    file: 'apps/receiver/src/data-listener.ts',
    find: 'rejectUnauthorized: true',
    replace: 'rejectUnauthorized: false',
    tests: ['apps/receiver/src/data-listener'],
  },
  {
    name: 'any certificate may post for any cluster',
    file: 'apps/receiver/src/audit-endpoint.ts',
    find: 'path.cluster !== undefined && path.cluster !== identity.cluster',
    replace: 'path.cluster === ""',
    tests: ['apps/receiver/src/data-listener'],
  },
  {
    name: 'redaction is off',
    file: 'apps/receiver/src/flow.ts',
    find: 'item.sensitive ? intake.redact(item.bytes) : item.bytes',
    replace: 'item.bytes',
    tests: ['apps/receiver/src/flow'],
  },
  {
    name: 'the answer does not wait for the disk',
    file: 'apps/receiver/src/flow.ts',
    find: 'await intake.append(records);',
    replace: 'void intake.append(records).catch(() => undefined);',
    tests: ['apps/receiver/src/'],
  },
  {
    name: 'one odd item refuses the batch',
    file: 'apps/receiver/src/flow.ts',
    find: "if (item.kind === 'refused') odd.push(asQuarantined(item, origin));",
    replace: "if (item.kind === 'refused') return { kind: 'no-event', reason: item.reason };",
    tests: ['apps/receiver/src/flow'],
  },
  {
    name: 'events in a dead reader’s queue are not sent again',
    file: 'apps/receiver/src/flow.ts',
    find: 'outlet.seek(sent.latest(outcome.resendAtLeast, (batch[0] as SpoolRecord).position));',
    replace: 'outlet.seek((batch[0] as SpoolRecord).position);',
    tests: ['apps/receiver/src/flow'],
  },
  {
    name: 'the cursor moves before the transport took the batch',
    file: 'apps/receiver/src/flow.ts',
    find: "if (outcome.kind === 'stopped') return;",
    replace: "if (outcome.kind === 'stopped') return outlet.commit(last.position);",
    tests: ['apps/receiver/src/flow'],
  },
  {
    name: 'the memory budget of bodies is not held',
    file: 'apps/receiver/src/bytes-in-flight.ts',
    find: 'if (this.#heldBytes + bytes > this.#maxBytes) return false;',
    replace: '',
    tests: ['apps/receiver/src/bytes-in-flight', 'apps/receiver/src/data-listener'],
  },
];
