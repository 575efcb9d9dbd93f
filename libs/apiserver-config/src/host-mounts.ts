import type { HostMount, Remark } from './audit-setup.ts';

/** A mount that a pod or a configuration has already. */
export interface PresentMount {
  readonly name: string;
  /** Undefined: no folder of the host. */
  readonly hostPath: string | undefined;
  readonly mountPath: string;
  readonly readOnly: boolean;
}

export interface MountDecisions {
  readonly add: readonly HostMount[];
  readonly remarks: readonly Remark[];
  readonly conflicts: readonly Remark[];
}

/** A wanted mount is added, covered by one that shows the same folder, or in conflict with one of its name or its place. */
export function decideMounts(
  wanted: readonly HostMount[],
  present: readonly PresentMount[],
  takenNames: ReadonlySet<string>,
): MountDecisions {
  const add: HostMount[] = [];
  const remarks: Remark[] = [];
  const conflicts: Remark[] = [];
  for (const mount of wanted) {
    const about = { what: `mount ${mount.mountPath}`, wanted: mount.hostPath };
    const covering = present.find((each) => shows(each, mount));
    const inPlace = present.find((each) => withoutSlash(each.mountPath) === mount.mountPath);
    if (covering !== undefined) {
      if (covering.name !== mount.name)
        remarks.push({ ...about, kind: 'covered', there: `${covering.name} (${covering.mountPath})`, why: 'it shows the same folder' });
    } else if (inPlace !== undefined)
      conflicts.push({ ...about, kind: 'conflict', there: inPlace.name, why: 'something else is mounted there, or it is read-only' });
    else if (takenNames.has(mount.name))
      conflicts.push({ ...about, kind: 'conflict', there: `volume ${mount.name}`, why: 'another volume has this name' });
    else add.push(mount);
  }
  return { add, remarks, conflicts };
}

/** Whether a mount, perhaps of a folder above, shows the wanted folder of the host at the wanted place. */
function shows(present: PresentMount, wanted: HostMount): boolean {
  if (present.hostPath === undefined || (present.readOnly && !wanted.readOnly)) return false;
  const at = withoutSlash(present.mountPath);
  if (wanted.mountPath !== at && !wanted.mountPath.startsWith(`${at}/`)) return false;
  return `${withoutSlash(present.hostPath)}${wanted.mountPath.slice(at.length)}` === wanted.hostPath;
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}
