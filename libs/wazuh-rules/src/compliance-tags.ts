/**
 * Compliance tags: groups that Wazuh takes out of `rule.groups` into fields of their own by their prefix, such as
 * `pci_dss_10.2.5` into `rule.pci_dss: ["10.2.5"]` (wazuh v4.14.7 src/analysisd/format/json_extended.c).
 * The spellings are those of the stock rules of 4.14.7; a tag spelled otherwise is an ordinary group that no dashboard counts.
 */
export const COMPLIANCE_PREFIXES = ['pci_dss_', 'gpg13_', 'gdpr_', 'hipaa_', 'nist_800_53_', 'tsc_'] as const;

export type CompliancePrefix = (typeof COMPLIANCE_PREFIXES)[number];

interface Framework {
  readonly prefix: CompliancePrefix;
  /** What a control of this framework looks like. */
  readonly form: RegExp;
  /** Controls that stock rules use, most frequent first; counted, not complete for the larger frameworks. */
  readonly controls: readonly string[];
}

export const COMPLIANCE_CENSUS: readonly Framework[] = [
  // Version 3.2.1 of the standard, as in the stock rules.
  {
    prefix: 'pci_dss_',
    form: /^\d{1,2}(?:\.\d{1,2}){1,3}$/,
    controls: [
      '10.6.1',
      '10.2.5',
      '11.4',
      '10.2.4',
      '8.1.2',
      '10.2.7',
      '10.6.2',
      '11.5',
      '10.2.2',
      '10.2.6',
      '10.5.2',
      '7.1',
      '8.7',
      '8.1.5',
    ],
  },
  { prefix: 'gpg13_', form: /^\d{1,2}\.\d{1,2}$/, controls: ['7.1', '7.10', '4.12', '4.3', '4.14', '7.2', '4.13', '7.8'] },
  { prefix: 'gdpr_', form: /^[IVX]+_\d{1,2}\.\d(?:\.[a-z])?$/, controls: ['IV_35.7.d', 'IV_32.2', 'IV_30.1.g', 'II_5.1.f'] },
  {
    prefix: 'hipaa_',
    form: /^164\.\d{3}\.[a-e](?:\.\d(?:\.[IV]+)?)?$/,
    controls: [
      '164.312.b',
      '164.312.a.1',
      '164.312.a.2.I',
      '164.312.a.2.II',
      '164.312.d',
      '164.312.c.1',
      '164.312.c.2',
      '164.312.e.1',
      '164.312.e.2.I',
      '164.312.e.2.II',
    ],
  },
  {
    prefix: 'nist_800_53_',
    form: /^[A-Z]{2}\.\d{1,2}$/,
    controls: ['AU.14', 'AC.7', 'AU.6', 'SI.4', 'AC.2', 'IA.4', 'AC.6', 'AC.3', 'SI.7', 'CM.1', 'CM.3', 'CM.5', 'AU.12', 'AU.9'],
  },
  {
    prefix: 'tsc_',
    form: /^(?:CC|PI|A|C|P)\d\.\d$/,
    controls: [
      'CC7.2',
      'CC7.3',
      'CC6.8',
      'CC6.1',
      'CC7.1',
      'CC6.6',
      'CC8.1',
      'CC6.7',
      'CC6.2',
      'CC6.3',
      'CC6.4',
      'CC7.4',
      'A1.2',
      'PI1.4',
      'PI1.5',
    ],
  },
];

export type ComplianceTagCheck =
  /** An ordinary group. */
  | { readonly kind: 'no-tag' }
  | { readonly kind: 'known' }
  /** Of the right form, but no stock rule uses it: dashboards show it on its own. */
  | { readonly kind: 'uncommon' }
  /** Meant as a tag, but spelled so that Wazuh or its users miss it. */
  | { readonly kind: 'misspelt'; readonly suggestion?: string };

export function checkComplianceTag(group: string): ComplianceTagCheck {
  const framework = COMPLIANCE_CENSUS.find((candidate) => group.startsWith(candidate.prefix));
  const control = framework === undefined ? '' : group.slice(framework.prefix.length);
  if (framework?.controls.includes(control) === true) return { kind: 'known' };
  if (framework?.form.test(control) === true) return { kind: 'uncommon' };
  const suggestion = KNOWN_BY_SKELETON.get(skeleton(group));
  if (suggestion !== undefined) return { kind: 'misspelt', suggestion };
  return framework !== undefined || LOOKS_MEANT.test(group) ? { kind: 'misspelt' } : { kind: 'no-tag' };
}

/** A digit must follow: `pci_dss` alone, or `nist_events`, are ordinary names. */
const LOOKS_MEANT = /^\s*(?:pci[\W_]*(?:dss)?|gpg[\W_]*13|gdpr|hipp?aa?|nist[\W_]*800[\W_]*53|tsc)[\W_]*(?:[a-z]{1,4}[\W_]*)?\d/i;

/** What is left of a tag without case and punctuation. */
function skeleton(tag: string): string {
  return tag.toLowerCase().replace(/[^a-z0-9]/g, '');
}

const KNOWN_BY_SKELETON: ReadonlyMap<string, string> = new Map(
  COMPLIANCE_CENSUS.flatMap(({ prefix, controls }) =>
    controls.map((control) => [skeleton(prefix + control), prefix + control] as const),
  ).reverse(),
);
