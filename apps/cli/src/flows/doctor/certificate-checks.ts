import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check, CheckText, Finding } from '@k8s-audit/checks';
import type { InspectedFile } from '../inspect-certificates.ts';

export interface CertificateSight {
  readonly folder: string;
  readonly certificates: readonly InspectedFile[];
}

const KEYS: CheckText = {
  id: 'certificate-keys',
  category: 'certificates',
  statement: 'private keys are their owners’ alone',
  why: 'Whoever reads the authority’s key can be every cluster; --fix takes the rights of others away.',
};

export const CERTIFICATE_CHECKS: readonly CheckText[] = [
  {
    id: 'certificate-receiver',
    category: 'certificates',
    statement: 'the receiver’s certificate is good',
    why: 'Expired, without the name that API servers dial, or not signed by the authority that they trust: they refuse the receiver.',
  },
  { id: 'certificate-authority', category: 'certificates', statement: 'the authority is good', why: 'With it every certificate ends.' },
  {
    id: 'certificate-clusters',
    category: 'certificates',
    statement: 'every cluster’s certificate is good',
    why: 'A cluster whose certificate has ended is not let in.',
  },
  KEYS,
];

const ROLES: Readonly<Record<string, InspectedFile['role']>> = {
  'certificate-receiver': 'server',
  'certificate-authority': 'authority',
  'certificate-clusters': 'cluster',
};

export function certificateChecks(look: () => Promise<CertificateSight>): readonly Check[] {
  const judged = CERTIFICATE_CHECKS.filter(({ id }) => id !== KEYS.id).map((text) => ({
    ...text,
    run: async () => judge((await look()).certificates.filter(({ role }) => role === ROLES[text.id])),
  }));
  const open = async (): Promise<readonly string[]> => openKeys((await look()).folder);
  const keys: Check = {
    ...KEYS,
    run: async () => {
      const found = await open();
      return found.length === 0
        ? { kind: 'ok' }
        : { kind: 'failure', seen: found.join(', '), next: 'chmod 600, or k8s-audit doctor --fix' };
    },
    fix: async () => {
      const found = await open();
      for (const file of found) await chmod(file, 0o600);
      return `mode 600 for ${found.join(', ')}`;
    },
  };
  return [...judged, keys];
}

/** Key files that others than their owner may read or write. */
async function openKeys(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.key')).map((entry) => join(entry.parentPath, entry.name));
  const open: string[] = [];
  for (const file of files) if (((await stat(file)).mode & 0o077) !== 0) open.push(file);
  return open;
}

function judge(certificates: readonly InspectedFile[]): Finding {
  if (certificates.length === 0) return { kind: 'failure', seen: 'there is none', next: 'k8s-audit certs create' };
  const problems = certificates.flatMap(({ file, problems: all }) => all.map((problem) => ({ file, ...problem })));
  const [worst] = [...problems].sort((one, other) => (one.severity === other.severity ? 0 : one.severity === 'error' ? -1 : 1));
  if (worst === undefined) return { kind: 'ok', seen: `${Math.min(...certificates.map(({ daysLeft }) => daysLeft))} days left` };
  const seen = problems.map(({ file, message }) => `${file}: ${message}`).join('; ');
  return { kind: worst.severity === 'error' ? 'failure' : 'warning', seen, next: 'k8s-audit certs rotate' };
}
