import type { RegisterCommand } from './command-io.ts';
import { registerAgentRun } from './commands/agent-run.ts';
import { registerBundle } from './commands/bundle.ts';
import { registerCanary } from './commands/canary.ts';
import { registerCertsCreate } from './commands/certs-create.ts';
import { registerCertsRevoke } from './commands/certs-revoke.ts';
import { registerCertsRotate } from './commands/certs-rotate.ts';
import { registerCertsShow } from './commands/certs-show.ts';
import { registerCertsStatus } from './commands/certs-status.ts';
import { registerClusterConnect } from './commands/cluster-connect.ts';
import { registerClusterDisconnect } from './commands/cluster-disconnect.ts';
import { registerClusterStatus } from './commands/cluster-status.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerCoverage } from './commands/coverage.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerDrillAll, registerDrillList, registerDrillRun } from './commands/drill.ts';
import { registerEmbeddedRun } from './commands/embedded-run.ts';
import { registerMinikubeSetup } from './commands/minikube-setup.ts';
import { registerPolicyDiff } from './commands/policy-diff.ts';
import { registerPolicyExplain } from './commands/policy-explain.ts';
import { registerPolicyLint } from './commands/policy-lint.ts';
import { registerPolicyRender } from './commands/policy-render.ts';
import { registerPolicySimulate } from './commands/policy-simulate.ts';
import { registerReceiverRun } from './commands/receiver-run.ts';
import { registerReplay } from './commands/replay.ts';
import { registerRulesCheck } from './commands/rules-check.ts';
import { registerRulesExplain } from './commands/rules-explain.ts';
import { registerRulesLogtest } from './commands/rules-logtest.ts';
import { registerRulesRender } from './commands/rules-render.ts';
import { registerRulesTest } from './commands/rules-test.ts';
import { registerSpoolQuarantine } from './commands/spool-quarantine.ts';
import { registerSpoolStatus } from './commands/spool-status.ts';
import { registerSpoolVerify } from './commands/spool-verify.ts';
import { registerStart } from './commands/start.ts';
import { registerTokensCreate } from './commands/tokens-create.ts';
import { registerTokensList } from './commands/tokens-list.ts';
import { registerTokensRevoke } from './commands/tokens-revoke.ts';
import { registerWazuhInstall } from './commands/wazuh-install.ts';
import { registerWazuhRender } from './commands/wazuh-render.ts';
import { registerWazuhStatus } from './commands/wazuh-status.ts';
import { registerWazuhUninstall } from './commands/wazuh-uninstall.ts';
import { registerWebhookRender } from './commands/webhook-render.ts';

export interface CommandGroup {
  /** Absent: its commands stand at the top level. */
  readonly name?: string;
  readonly summary: string;
  readonly commands: readonly RegisterCommand[];
}

/** Every command of the program, in the order of `--help`. A new command is one file and one line here. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { summary: 'see it work', commands: [registerStart, registerDoctor, registerCanary, registerReplay, registerBundle, registerCompletion] },
  { summary: 'what is seen', commands: [registerCoverage] },
  {
    name: 'drill',
    summary: 'harmless deeds on a cluster, each followed to its alert',
    commands: [registerDrillList, registerDrillRun, registerDrillAll],
  },
  { name: 'receiver', summary: 'the webhook service', commands: [registerReceiverRun] },
  { name: 'agent', summary: 'beside an API server: its log file into the local Wazuh agent', commands: [registerAgentRun] },
  { name: 'embedded', summary: 'the embedded back end: a stand-in for wazuh-analysisd', commands: [registerEmbeddedRun] },
  {
    name: 'certs',
    summary: 'certificates: authority, receiver, clusters',
    commands: [registerCertsCreate, registerCertsShow, registerCertsStatus, registerCertsRotate, registerCertsRevoke],
  },
  {
    name: 'tokens',
    summary: 'bearer tokens, for API servers that cannot have a certificate',
    commands: [registerTokensCreate, registerTokensList, registerTokensRevoke],
  },
  {
    name: 'cluster',
    summary: 'the API servers of a cluster: connect them to the receiver, and back out',
    commands: [registerClusterConnect, registerClusterStatus, registerClusterDisconnect],
  },
  { name: 'webhook', summary: 'what the API server is given to reach the receiver', commands: [registerWebhookRender] },
  {
    name: 'policy',
    summary: 'the audit policy: what is recorded',
    commands: [registerPolicyRender, registerPolicyLint, registerPolicyExplain, registerPolicySimulate, registerPolicyDiff],
  },
  {
    name: 'rules',
    summary: 'the Wazuh rules: what becomes an alert',
    commands: [registerRulesRender, registerRulesCheck, registerRulesTest, registerRulesExplain, registerRulesLogtest],
  },
  {
    name: 'wazuh',
    summary: 'the Wazuh server or agent: install, look, take back',
    commands: [registerWazuhInstall, registerWazuhStatus, registerWazuhUninstall, registerWazuhRender],
  },
  {
    name: 'spool',
    summary: 'the receiver’s queue on disk',
    commands: [registerSpoolStatus, registerSpoolVerify, registerSpoolQuarantine],
  },
  { name: 'minikube', summary: 'a cluster to try it on', commands: [registerMinikubeSetup] },
];
