import type { ApiClient } from './api-client.ts';
import type { ClusterUser, RunningCluster, Witness } from './cluster.ts';
import type { CertificateFiles, ReceiverBooks } from './product.ts';
import type { Product } from './product-process.ts';
import type { RunDefinition } from './runs.ts';
import type { Trail } from './trail.ts';
import type { WazuhEntry } from './wazuh-entry.ts';

/** The cluster under test, by the name in its certificate. */
export const CLUSTER_NAME = 'e2e';
/** Another one, which exists as a certificate only: the tests themselves post in its name. */
export const SAMPLE_CLUSTER = 'e2e-sample';

/**
 * Something that happens on the cluster, and what must come of it: one file in scenarios/, one line in scenarios/index.ts.
 * A step that throws has failed, and the scenario's later steps with it.
 */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** The runs in which it makes sense, by name; absent: all. */
  readonly runs?: readonly string[];
  /** Called once a run; what the steps share are its local variables. */
  plan(context: ScenarioContext): ScenarioPlan;
}

export interface ScenarioPlan {
  /** In order, while everything runs. */
  readonly steps: readonly Step[];
  /** When the scenarios are through and nobody but the API servers themselves makes events any more. */
  readonly whenQuiet?: readonly Step[];
  /** When API servers, receiver and back end have been stopped gracefully, in this order. These do not build on each other. */
  readonly afterStop?: readonly FinalStep[];
}

export interface Step {
  readonly title: string;
  run(): Promise<void>;
}

export interface FinalStep {
  readonly title: string;
  run(final: FinalState): void | Promise<void>;
}

export interface ScenarioContext {
  readonly definition: RunDefinition;
  readonly product: Product;
  readonly cluster: RunningCluster;
  readonly receiver: RunningReceiver;
  readonly trail: Trail;
  /** The back end's folder, laid out as /var/ossec. */
  readonly wazuhHome: string;
  /** A new client; the first API server unless told otherwise. */
  client(user: ClusterUser, apiServer?: number): ApiClient;
  /** Somebody with a token that no API server knows. */
  stranger(apiServer?: number): ApiClient;
  alerts(): Promise<readonly WazuhEntry[]>;
  archives(): Promise<readonly WazuhEntry[]>;
  /** Ends the back end in order and starts it again: what an administrator does to load new rules. */
  restartBackend(): Promise<void>;
  /** Repeats assertions until they hold, for as long as an event may take from the API server to Wazuh. */
  eventually<T>(check: () => Promise<T>): Promise<T>;
  /** An empty folder. */
  scratchFolder(name: string): string;
}

export interface RunningReceiver {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** Its name in the certificates. */
  readonly host: string;
  /** `http://127.0.0.1:PORT`: books, metrics. */
  readonly admin: string;
  /** The client certificate of a cluster: of the one under test, or of `SAMPLE_CLUSTER`. */
  certificate(cluster: string): CertificateFiles;
  books(): Promise<ReceiverBooks>;
  /** SIGKILL: nothing of it can say goodbye. */
  kill(): Promise<void>;
  /** Starts it again, at the same address, with what is on its disk. */
  startAgain(): Promise<void>;
}

/** What is left when all has ended. */
export interface FinalState {
  readonly books: ReceiverBooks;
  /** Each API server's own record, by its name. */
  readonly witness: ReadonlyMap<string, Witness>;
  readonly alerts: readonly WazuhEntry[];
  readonly archives: readonly WazuhEntry[];
  /** Everything that did not end by itself, in time and without an error. */
  readonly complaints: readonly string[];
  /** Every file that the product wrote in this run. */
  readonly productFiles: readonly string[];
}
