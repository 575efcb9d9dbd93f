import type { YamlChange } from '@k8s-audit/yaml-edits';
import type { Flag } from './flag.ts';

/** A folder of the node that the API server sees. */
export interface HostMount {
  readonly name: string;
  readonly hostPath: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
  readonly type: 'Directory' | 'DirectoryOrCreate';
}

/** All that one API server is given, whatever the form in which its distribution takes it. */
export interface AuditSetup {
  readonly flags: readonly Flag[];
  readonly mounts: readonly HostMount[];
  /** Of the policy and whatever else is read at start only: written into the pod, so that the kubelet restarts it when they change. */
  readonly checksum: string;
}

export interface PatchOptions {
  /** Flags that an earlier patch wrote: they may be renewed. All others are somebody's decision. */
  readonly ours?: readonly Flag[];
  /** Take the place of settings that are not ours. */
  readonly replace?: boolean;
}

/** Something that was there already, and what becomes of it. */
export interface Remark {
  readonly kind: 'kept' | 'repaired' | 'renewed' | 'replaced' | 'covered' | 'conflict';
  /** `--audit-policy-file`, `volume k8s-audit`. */
  readonly what: string;
  readonly there: string;
  readonly wanted?: string;
  readonly why: string;
}

export type Patch =
  | {
      /** No changes: everything is there already. */
      readonly kind: 'patched';
      readonly text: string;
      readonly changes: readonly YamlChange[];
      readonly remarks: readonly Remark[];
    }
  /** Nothing is changed before a person has decided. */
  | { readonly kind: 'conflicts'; readonly conflicts: readonly Remark[] };

/** The annotation of the pod that holds `AuditSetup.checksum`. */
export const CHECKSUM_ANNOTATION = 'k8s-audit/checksum';
