import type { AuditEvent } from '@k8s-audit/audit-events';
import type { KubeletEvent } from '@k8s-audit/testbed';

/**
 * A Kubernetes cluster that the tests can be run against: one file in clusters/, one line in clusters.ts.
 * It is started with the product's own policy and webhook files and must send its audit events there.
 */
export interface Cluster {
  readonly name: string;
  /** The host by which its API servers reach a receiver on this machine: in the receiver's certificate and in the webhook's address. */
  readonly receiverHost: string;
  /** Where the receiver must listen so that they do. */
  readonly listenAddress: string;
  /** How many API servers it has, each with an entry in `ClusterStart.apiServers`. */
  readonly apiServerCount: number;
  /** Everything slow that can be done once, before the first run (a build, a download). Throws a `Failure` when something is missing. */
  prepare(onProgress: (line: string) => void, signal: AbortSignal): Promise<void>;
  /** Where an API server's own audit log will stand once it runs; absent where this machine cannot read it. */
  logFile?(folder: string, apiServer: string): string;
  start(options: ClusterStart): Promise<RunningCluster>;
}

export interface ClusterStart {
  /** An empty folder for its files. */
  readonly folder: string;
  readonly apiServers: readonly ApiServerStart[];
  readonly onProgress: (line: string) => void;
  /** Each API server runs from the manifest of a node, which a test may edit. A cluster that cannot do that throws a `Failure`. */
  readonly fromManifests?: boolean;
}

export interface ApiServerStart {
  readonly name: string;
  /** Audit flags, with paths on this machine: policy, webhook kubeconfig, and what carries the load. */
  readonly auditFlags: readonly string[];
}

/** `admin` may do everything, `restricted` is authenticated and may do nothing. */
export type ClusterUser = 'admin' | 'restricted';

/** What Kubernetes calls them; the alerts must name them so. */
export const USERNAMES: Readonly<Record<ClusterUser, string>> = { admin: 'kubernetes-admin', restricted: 'jane' };

export interface RunningCluster {
  readonly apiServers: readonly RunningApiServer[];
  /** The address that our requests come from, as an API server sees it. */
  readonly clientAddress: string;
  /** Text of a kubeconfig. */
  kubeconfig(user: ClusterUser, apiServer: number): string;
  /**
   * A node whose kubelet answers exec, for a pod that is bound to it; undefined where the scheduler finds real nodes.
   * May be called more than once.
   */
  nodeForPods(): Promise<string | undefined>;
  /** Ends what keeps talking to the API servers without being asked, as far as the cluster can. */
  quiesce(): Promise<void>;
  /** Ends gracefully: when it returns, every audit event has been sent or given up. */
  stop(): Promise<ClusterStop>;
}

export interface RunningApiServer {
  readonly name: string;
  readonly url: string;
  /** Where it runs from a manifest. */
  readonly node?: ManifestNode;
  auditCounters(): Promise<{ readonly events: number; readonly errors: Readonly<Record<string, number>> }>;
  /** The API server's own record of its audit events, apart from the webhook: the truth that the product is held to. Complete after `stop`. */
  witness(): Promise<Witness>;
}

/** A node of this machine: a folder that stands for its `/`. */
export interface ManifestNode {
  readonly root: string;
  readonly manifestFile: string;
  /** What its kubelet has met so far. */
  events(): readonly KubeletEvent[];
}

export interface Witness {
  /** Every event that it handed to its webhook. */
  readonly sent: readonly AuditEvent[];
  /** Events that it made while it ended and, by its own word, did not hand to the webhook any more. */
  readonly surrendered: readonly AuditEvent[];
}

export interface ClusterStop {
  /** Parts that had to be killed or ended with an error; empty when all went well. */
  readonly complaints: readonly string[];
}
