/**
 * JSON in any shape, damaged too, through the decoder and into the documents. What must hold for any bytes: nothing is thrown, an event
 * has 256 fields at most, its documents are JSON, and where JavaScript's own parser takes it too, the fields are those of a plain walk.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { createEngine, type EventView } from '@k8s-audit/rule-engine';
import { loadRules } from '@k8s-audit/wazuh-rules';
import fc from 'fast-check';
import { CpuBound } from './cpu-bound.ts';
import type { Target } from './target.ts';

const BOUND_MS = 50;
const MAX_FIELDS = 256;
const RULES = `<group name="f,">
  <rule id="100100" level="3"><field name="a.b">x</field><description>$(a.b) $(a) $(srcip)</description></rule>
  <rule id="100101" level="3"><match>a</match><description>$(k8s.user.name)</description></rule>
</group>`;

export const fuzzDecoder: Target = async ({ milliseconds, seed }) => {
  const engine = createEngine(loadRules([{ name: 'fuzz.xml', text: RULES }]));
  const bound = new CpuBound(BOUND_MS);
  let runs = 0;
  let walked = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        documents,
        damagedDocuments,
        hostile,
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      ),
      (log) => {
        runs++;
        const message = Buffer.concat([Buffer.from('1:[000] (c) audit->k8s:'), log]).subarray(0, 65_535);
        const lines = bound.hold(() => {
          const verdict = engine.process(message, 0);
          return verdict.kind === 'decided'
            ? { verdict, archive: verdict.archiveJson(), logtest: verdict.logtestJson(), alert: verdict.alertJson() }
            : undefined;
        });
        if (lines === undefined) return;
        const { verdict, archive, logtest, alert } = lines;
        ok(verdict.fields().length <= MAX_FIELDS);
        for (const line of [archive, logtest, ...(alert === undefined ? [] : [alert])]) {
          ok(!line.includes(0x0a), 'a document is one line');
          JSON.parse(line.toString('utf8'));
        }
        if (checkWalk(log, verdict)) walked++;
      },
    ),
    { seed, interruptAfterTimeLimit: milliseconds, numRuns: Number.MAX_SAFE_INTEGER, markInterruptAsFailure: false },
  );
  return `${runs} messages, ${walked} of them beside JSON.parse; at most ${bound.worstMs} ms of CPU an event`;
};

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'k8s', 'user', 'a.b', 'app.kubernetes.io/name', '', '.', 'srcip', 'id'),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const { any: value } = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(key, tie('any'), { maxKeys: 5 }),
  ),
}));
const documents = fc.dictionary(key, value, { maxKeys: 8 }).map((document) => Buffer.from(JSON.stringify(document)));

const damagedDocuments = fc
  .tuple(
    documents,
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat({ max: 8 }),
        fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '\\u00', '\\ud800', '\0', '1e999', '\xff', 'null', ' '),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([log, damages]) =>
    damages.reduce((bytes, [at, removed, inserted]) => {
      const start = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, start), Buffer.from(inserted, 'latin1'), bytes.subarray(start + removed)]);
    }, log),
  );

/** Much of one thing, to the end of a datagram. */
const hostile = fc
  .tuple(
    fc.constantFrom(
      ...[
        '{"a":',
        '[',
        '{"a.b.c":1,"d":',
        '"',
        '\\"',
        '{"a":"\\u0041',
        'a.',
        '{"k":{"":',
        '1',
        '{"a":[[',
        ',',
        ' ',
        '[Tag x',
        'Nov 26 05:00:00 ',
      ],
    ),
    fc.integer({ min: 1, max: 65_000 }),
    fc.constantFrom('', '{"a":"', '{"a":[', '{"', '[Time 2006.12.28 15:53:55 UTC] ['),
    fc.constantFrom('', '"}', ']}', '":1}'),
  )
  .map(([unit, length, before, after]) => Buffer.from(before + unit.repeat(Math.ceil(length / unit.length)) + after));

const STATICS = new Set([
  'srcip',
  'dstip',
  'srcport',
  'dstport',
  'protocol',
  'action',
  'srcuser',
  'dstuser',
  'user',
  'id',
  'status',
  'url',
  'data',
  'extra_data',
  'systemname',
]);

/** Only where both parsers mean the same: an object without arrays, fractions, escapes of control characters, or keys twice. */
function checkWalk(log: Buffer, view: EventView): boolean {
  const text = log.toString('utf8');
  if (view.decoder !== 'json' || !/^\{ *"/.test(text) || /\\u|[[\0\ufffd]/.test(text)) return false;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return false; // cJSON takes more, and less
  }
  if (typeof document !== 'object' || document === null || Object.keys(document).some((name) => STATICS.has(name))) return false;
  if (JSON.stringify(document).length !== text.replace(/\s/g, '').length) return false;
  const fields = walk(document, undefined);
  if (fields.length > MAX_FIELDS || !hasPlainNumbers(document)) return false;
  // JavaScript puts keys that are whole numbers first.
  deepStrictEqual(sorted(view.fields()), sorted(fields));
  return true;
}

/** Others are printed with six digits behind the point. */
function hasPlainNumbers(part: unknown): boolean {
  if (typeof part === 'number') return part === (part | 0) && !Object.is(part, -0);
  return typeof part !== 'object' || part === null || Object.values(part).every(hasPlainNumbers);
}

function walk(part: unknown, path: string | undefined): readonly (readonly [string, string])[] {
  if (typeof part !== 'object' || part === null) return [[path ?? '', String(part)]];
  return Object.entries(part).flatMap(([name, member]) => walk(member, path === undefined ? name : `${path}.${name}`));
}

function sorted(fields: readonly (readonly [string, string])[]): readonly string[] {
  return fields.map((field) => JSON.stringify(field)).sort();
}
