import type { CompliancePrefix } from '@k8s-audit/wazuh-rules';

/**
 * Groups of a rule that Wazuh turns into rule.pci_dss, rule.gdpr and so on, spelled as its own rule set does: a test holds each against
 * the census. PCI DSS numbers are those of version 3.2.1, as there.
 */
export type ComplianceTag = `${CompliancePrefix}${string}`;

/** What stock rules carry for objects that are made and taken away (0560-docker_integration_rules.xml), and GDPR's monitoring of processing. */
export const OBJECT_CHANGE: readonly ComplianceTag[] = [
  'pci_dss_10.2.7',
  'gdpr_IV_35.7.d',
  'hipaa_164.312.b',
  'nist_800_53_AU.14',
  'tsc_CC6.8',
  'tsc_CC7.2',
  'tsc_CC7.3',
];

/** What stock rules carry for a failed log-in (5716 and its like). */
export const AUTHENTICATION_FAILURE: readonly ComplianceTag[] = [
  'pci_dss_10.2.4',
  'pci_dss_10.2.5',
  'gpg13_7.1',
  'gdpr_IV_35.7.d',
  'gdpr_IV_32.2',
  'hipaa_164.312.b',
  'nist_800_53_AU.14',
  'nist_800_53_AC.7',
  'tsc_CC6.1',
  'tsc_CC6.8',
  'tsc_CC7.2',
  'tsc_CC7.3',
];

/** An access that was asked for and refused: a logical access that is invalid, and the right that was missing. */
export const ACCESS_DENIED: readonly ComplianceTag[] = [
  'pci_dss_10.2.4',
  'gdpr_IV_35.7.d',
  'hipaa_164.312.b',
  'nist_800_53_AU.14',
  'nist_800_53_AC.6',
  'tsc_CC6.1',
  'tsc_CC7.2',
  'tsc_CC7.3',
];

/** A person works inside a running container: every action of an individual with such a right is to be kept. */
export const PRIVILEGED_SESSION: readonly ComplianceTag[] = [
  'pci_dss_10.2.2',
  'pci_dss_10.2.5',
  'gdpr_IV_32.2',
  'hipaa_164.312.b',
  'nist_800_53_AU.14',
  'nist_800_53_AC.6',
  'tsc_CC6.8',
  'tsc_CC7.2',
  'tsc_CC7.3',
];
