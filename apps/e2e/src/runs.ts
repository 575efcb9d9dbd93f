/** What Wazuh must say of an event: its rule, as the pack promises it to analysts. */
export interface ExpectedRule {
  readonly id: string;
  readonly level: number;
  readonly description: string | RegExp;
}

/** What happens in the scenarios, and what each rule set makes of it. `none`: the event is archived and no alert is made. */
export interface Expectations {
  readonly deploymentCreated: ExpectedRule;
  readonly deploymentDeleted: ExpectedRule;
  readonly authenticationFailed: ExpectedRule | 'none';
  readonly requestDenied: ExpectedRule | 'none';
  readonly createDenied: ExpectedRule;
  readonly execIntoPod: ExpectedRule | 'none';
  /** The guide's own sample: user `minikube-user` creates `hello-minikube`, from 192.168.132.137. */
  readonly sampleEvent: ExpectedRule;
  /** A ConfigMap called `hello-minikube`, and one called otherwise: no rule of `core` is about them. */
  readonly namedConfigMapCreated: ExpectedRule | 'none';
  readonly otherConfigMapCreated: ExpectedRule | 'none';
}

export interface RunDefinition {
  readonly name: string;
  readonly packs: readonly ('guide' | 'core')[];
  /** etc/rules/local_rules.xml of somebody who tunes. */
  readonly userRules?: string;
  /** `guide`: rendered by the product. `everything`: every stage with both bodies (everything-policy.ts). */
  readonly policy: 'guide' | 'everything';
  /** `quick`: no throttle and a second's wait, so that a test is not slow; `recommended`: what the product tells its users to set. */
  readonly load: 'quick' | 'recommended';
  readonly expected: Expectations;
  /** API servers run from manifests without any audit; `cluster connect` is what the run is about. */
  readonly connects?: boolean;
  /** A Wazuh server set up by the guide is migrated, and given back: steps of its own (migration/), no scenarios. */
  readonly migrates?: boolean;
  /** Back end and receiver are interrupted while events come. */
  readonly isInterrupted?: boolean;
  /** The second API server posts to a port on which nobody listens. */
  readonly cutsOffSecond?: boolean;
  /** The receiver reads the API servers' log files too: every event comes by both ways. */
  readonly followsLogs?: boolean;
  /** Only these scenarios, by name; absent: all that have no `runs` of their own. */
  readonly scenarios?: readonly string[];
}

/** The user's own rule below 110002: it wants to know of everything called hello-minikube. */
const USER_RULE: ExpectedRule = { id: '119001', level: 8, description: 'create of hello-minikube, which we watch' };
const USER_RULES = `<group name="local,k8s_audit,">
  <rule id="${USER_RULE.id}" level="${USER_RULE.level}">
    <if_sid>110002</if_sid>
    <field name="k8s.objectRef.name">^hello-minikube$</field>
    <field name="k8s.verb">^create$</field>
    <description>$(k8s.verb) of $(k8s.objectRef.name), which we watch</description>
  </rule>
</group>
`;

const GUIDE_CREATE: ExpectedRule = { id: '110003', level: 5, description: 'Kubernetes request to create resource' };
const GUIDE_DELETE: ExpectedRule = { id: '110004', level: 5, description: 'Kubernetes request to delete resource' };

/** What the pack `core` promises (libs/detections; docs/reference): a person's deed is reported higher than a pipeline's. */
const CORE = {
  created: { id: '118211', level: 5, description: /^Kubernetes: \S+ created deployments \S+\/hello-minikube in \S+ from \S+$/ },
  deleted: {
    id: '118213',
    level: 5,
    description: /^Kubernetes: \S+ deleted deployments \S+\/hello-minikube in \S+ from \S+ \(delete deployments\)$/,
  },
  authenticationFailed: { id: '118401', level: 5, description: /^Kubernetes: authentication from \S+ failed on e2e: / },
  denied: { id: '118402', level: 5, description: /^Kubernetes: jane was denied/ },
  exec: {
    id: '118101',
    level: 8,
    description: /^Kubernetes: kubernetes-admin asked for a session in pod default\/hello-exec of e2e from \S+ \(exec pods, answer 101\)$/,
  },
} as const satisfies Record<string, ExpectedRule>;

const CORE_EXPECTED: Expectations = {
  deploymentCreated: CORE.created,
  deploymentDeleted: CORE.deleted,
  authenticationFailed: CORE.authenticationFailed,
  requestDenied: CORE.denied,
  createDenied: CORE.denied,
  execIntoPod: CORE.exec,
  sampleEvent: CORE.created,
  namedConfigMapCreated: 'none',
  otherConfigMapCreated: 'none',
};

export const RUNS: readonly RunDefinition[] = [
  {
    name: 'guide',
    packs: ['guide'],
    policy: 'guide',
    load: 'quick',
    expected: {
      deploymentCreated: GUIDE_CREATE,
      deploymentDeleted: GUIDE_DELETE,
      authenticationFailed: 'none',
      requestDenied: 'none',
      // The guide looks at the verb alone: an attempt is an alert like the deed.
      createDenied: GUIDE_CREATE,
      execIntoPod: 'none',
      sampleEvent: GUIDE_CREATE,
      namedConfigMapCreated: GUIDE_CREATE,
      otherConfigMapCreated: GUIDE_CREATE,
    },
  },
  {
    name: 'core',
    packs: ['core'],
    policy: 'guide',
    load: 'quick',
    expected: CORE_EXPECTED,
  },
  {
    name: 'both',
    packs: ['guide', 'core'],
    userRules: USER_RULES,
    policy: 'guide',
    load: 'recommended',
    expected: {
      // `core` is loaded first and takes what it knows; its base is transparent, so that everything else still reaches the guide's rules
      // and the user's own below them, of which the higher level wins.
      deploymentCreated: CORE.created,
      deploymentDeleted: CORE.deleted,
      authenticationFailed: CORE.authenticationFailed,
      requestDenied: CORE.denied,
      createDenied: CORE.denied,
      execIntoPod: CORE.exec,
      sampleEvent: CORE.created,
      namedConfigMapCreated: USER_RULE,
      otherConfigMapCreated: GUIDE_CREATE,
    },
  },
  {
    name: 'everything',
    packs: ['core'],
    policy: 'everything',
    load: 'recommended',
    expected: CORE_EXPECTED,
    followsLogs: true,
  },
  {
    name: 'interrupted',
    packs: ['core'],
    policy: 'guide',
    load: 'quick',
    expected: CORE_EXPECTED,
    isInterrupted: true,
    scenarios: ['interruptions', 'nothing-is-lost'],
  },
  {
    name: 'connect',
    packs: ['core'],
    policy: 'guide',
    load: 'recommended',
    expected: CORE_EXPECTED,
    connects: true,
    scenarios: ['connect-cluster', 'nothing-is-lost'],
  },
  {
    name: 'migration',
    packs: [],
    policy: 'guide',
    load: 'quick',
    expected: CORE_EXPECTED,
    migrates: true,
    scenarios: [],
  },
  {
    name: 'proof',
    packs: ['core'],
    policy: 'guide',
    load: 'quick',
    expected: CORE_EXPECTED,
    cutsOffSecond: true,
    scenarios: ['canary', 'drills'],
  },
];

/** Whether a scenario belongs to a run: they name each other, or neither names anything. */
export function isInRun(scenario: { readonly name: string; readonly runs?: readonly string[] }, run: RunDefinition): boolean {
  if (run.scenarios !== undefined) return run.scenarios.includes(scenario.name);
  return scenario.runs?.includes(run.name) ?? true;
}

/** One line for a person. */
export function describeRun({ name, packs, policy, load, userRules, migrates }: RunDefinition): string {
  if (migrates === true) return `${name}: the guide’s receiver, rules and files, a rule of the user; taken over, and given back`;
  const rules = [...packs.map((pack) => `pack ${pack}`), ...(userRules === undefined ? [] : ['a rule of the user'])].join(' + ');
  return `${name}: ${rules}, policy ${policy}, ${load} flags`;
}
