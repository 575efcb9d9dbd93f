import { foldCase } from '@k8s-audit/wazuh-xml';
import { expect, it } from 'vitest';
import { compileGroupMatch, compileWordMatch } from './group-match.ts';

it.each([
  ['k8s', 'k8s_audit,', true],
  ['K8S_AUDIT', 'k8s_audit,', true],
  ['audit,', 'k8s_audit,', true],
  ['x|audit', 'k8s_audit,', true],
  ['^audit', 'k8s_audit,', false],
  ['^k8s|x', 'k8s_audit,', true],
  ['audit$', 'k8s_audit', false],
  ['x|', 'k8s', true],
  ['', 'k8s', false],
  ['k8s', '', false],
])('if_group %s on %s: %s', (pattern, text, expected) => {
  expect(compileWordMatch(pattern)(foldCase(text))).toBe(expected);
});

it.each([
  ['k8s', 'K8S_audit,', true],
  ['^k8s_audit,$', 'k8s_audit,', true],
  ['audit,$', 'k8s_audit,', true],
  ['audit$', 'k8s_audit,', false],
  ['!k8s', 'k8s_audit,', false],
  ['!ssh', 'k8s_audit,', true],
  ['ssh|', 'k8s_audit,', true],
  ['$', 'k8s', true],
  ['^', 'k8s', true],
  ['^$', 'k8s', false],
  ['ü', 'fürst', false],
  ['^fü', 'fürst', true],
])('if_matched_group %s on %s: %s', (pattern, text, expected) => {
  expect(compileGroupMatch(pattern)(foldCase(text))).toBe(expected);
});
