import { expect, it } from 'vitest';
import { COMPLIANCE_CENSUS, checkComplianceTag } from './compliance-tags.ts';

it('knows every tag of its census', () => {
  for (const { prefix, controls, form } of COMPLIANCE_CENSUS)
    for (const control of controls) {
      expect(checkComplianceTag(prefix + control), prefix + control).toEqual({ kind: 'known' });
      expect(control, prefix + control).toMatch(form);
    }
});

it.each([
  ['nist_800_53_AU-14', 'nist_800_53_AU.14'],
  ['nist-800-53-AU.14', 'nist_800_53_AU.14'],
  ['tsc_cc7.2', 'tsc_CC7.2'],
  ['pci_dss-10.2.5', 'pci_dss_10.2.5'],
  ['hipaa_164_312_b', 'hipaa_164.312.b'],
  ['gdpr_iv_35.7.d', 'gdpr_IV_35.7.d'],
  [' nist_800_53_AU.14', 'nist_800_53_AU.14'],
])('corrects %s', (tag, suggestion) => {
  expect(checkComplianceTag(tag)).toEqual({ kind: 'misspelt', suggestion });
});

it.each(['pci_dss_', 'pci_dss_ten', 'hippa_164.999.z', 'tsc_CC', 'nist_800_53_AU'])('does not take %s', (tag) => {
  expect(checkComplianceTag(tag).kind).toBe('misspelt');
});

it('takes controls that stock rules do not use, also one that reads like another', () => {
  expect(checkComplianceTag('pci_dss_1.1.4')).toEqual({ kind: 'uncommon' });
  expect(checkComplianceTag('nist_800_53_SC.7')).toEqual({ kind: 'uncommon' });
});

it.each(['k8s_audit', 'pci_dss', 'authentication_failed', 'tscircuit', 'nist_events', 'gdpr', 'hipaa_audit'])(
  'takes %s for an ordinary group',
  (group) => {
    expect(['no-tag', 'misspelt']).toContain(checkComplianceTag(group).kind);
    if (!group.startsWith('hipaa_')) expect(checkComplianceTag(group)).toEqual({ kind: 'no-tag' });
  },
);
