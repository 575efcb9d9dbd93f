/**
 * Rule files of any size, in the shapes that people write: most name a namespace, a user or a resource exactly, some look for a
 * word in the user agent, the URI or the whole message, some take exceptions out, some hang below others. The same seed gives the
 * same rules; names mix those of the recorded cluster with made-up ones, so that some rules match and most do not.
 */
export function generateRules(count: number, seed = 1): string {
  const random = createRandom(seed);
  const rules = Array.from({ length: count }, (_, index) => generateRule(index, random));
  return `<group name="generated,">\n${BASE}${rules.join('')}</group>\n`;
}

const BASE = `  <rule id="200000" level="0">
    <location type="pcre2">^(\\([A-Za-z0-9._-]+\\) audit->)?k8s$</location>
    <field name="k8s.schema" type="pcre2">^1$</field>
    <description>Base.</description>
  </rule>
`;

type Random = (below: number) => number;

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const RESOURCES = [
  'pods',
  'secrets',
  'configmaps',
  'roles',
  'rolebindings',
  'clusterroles',
  'nodes',
  'services',
  'deployments',
  'leases',
  'events',
  'jobs',
];
const FACTS = ['privileged', 'hostNetwork', 'hostPID', 'hostPath', 'secretVolume', 'wildcardVerbs'];

function generateRule(index: number, random: Random): string {
  const id = 200_001 + index;
  // One rule in ten hangs below the one before it.
  const parent = index > 0 && random(10) === 0 ? id - 1 : 200_000;
  const shape = SHAPES[random(SHAPES.length)] as Shape;
  const conditions = shape(index, random).map((condition) => `    ${condition}\n`);
  return `  <rule id="${id}" level="${3 + random(12)}">\n    <if_sid>${parent}</if_sid>\n${conditions.join('')}    <description>Rule ${index}: $(k8s.user.username) $(k8s.action)</description>\n  </rule>\n`;
}

type Shape = (index: number, random: Random) => readonly string[];

/** A shape that stands here twice is twice as frequent. */
const SHAPES: readonly Shape[] = [
  (index, random) => [field('k8s.objectRef.namespace', `^team-${index}$`), field('k8s.verb', `^${one(VERBS, random)}$`)],
  (index, random) => [
    field('k8s.verb', `^(${one(VERBS, random)}|${one(VERBS, random)})$`, 'pcre2'),
    field('k8s.objectRef.resource', `^${one(RESOURCES, random)}$`),
    field('k8s.user.username', `^user-${index}@example.org$`),
  ],
  (index, random) => [field('k8s.objectRef.resource', `^${one(RESOURCES, random)}$`), field('k8s.objectRef.name', `^app-${index}-`)],
  (index) => [field('k8s.user.username', `^system:serviceaccount:team-${index}:`), field('k8s.outcome', '^forbidden$')],
  (index, random) => [field('k8s.userAgent', `(?i)scanner-${index}|probe-${index}`, 'pcre2'), field('k8s.verb', `^${one(VERBS, random)}$`)],
  (index) => [field('k8s.requestURI', `/apis/group${index}\\.example\\.org/v\\d+/`, 'pcre2')],
  (index, random) => [
    field(`k8s.facts.${one(FACTS, random)}`, '^true$'),
    field('k8s.objectRef.namespace', `^(kube-system|team-${index})$`, 'pcre2', true),
  ],
  (index) => [`<match>needle-${index}-in-the-message</match>`],
  (index, random) => [`<regex>"verb": "${one(VERBS, random)}"\\.+marker${index}</regex>`],
  (index) => [field('k8s.user.groups', `"tenant:${index}"`, 'pcre2'), field('k8s.excepted', `(^|,)rule-${index}(,|$)`, 'pcre2', true)],
];

function field(name: string, pattern: string, type?: string, negate = false): string {
  return `<field name="${name}"${type === undefined ? '' : ` type="${type}"`}${negate ? ' negate="yes"' : ''}>${pattern}</field>`;
}

function one(names: readonly string[], random: Random): string {
  return names[random(names.length)] ?? '';
}

/** A small generator of repeatable numbers (mulberry32). */
function createRandom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
