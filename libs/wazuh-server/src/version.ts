/** A Wazuh release, such as v4.14.7. */
export interface WazuhVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Reads `v4.14.7`, `4.14.7-rc1` and the like; undefined for anything else. */
export function parseWazuhVersion(text: string): WazuhVersion | undefined {
  const [, major, minor, patch] = /^v?(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:[-+].*)?$/.exec(text.trim()) ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

export function renderWazuhVersion({ major, minor, patch }: WazuhVersion): string {
  return `${major}.${minor}.${patch}`;
}

export function isAtLeast(version: WazuhVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** The releases that the product was written and measured for: 4.3 to 4.14. */
export function isSupported(version: WazuhVersion): boolean {
  return version.major === 4 && version.minor >= 3 && version.minor <= 14;
}

/** Rules are read anew without a restart from 4.13 on; before, a restart is needed. */
export function canReloadRules(version: WazuhVersion): boolean {
  return isAtLeast(version, 4, 13);
}
