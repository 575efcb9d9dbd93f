/** The detections, one folder each, and the rule packs made of them. */
export { CORE_DETECTIONS } from './catalogue.ts';
export type { ComplianceTag } from './compliance.ts';
export { compileCondition, type Truth, type WireFields } from './condition/evaluate.ts';
export type { AlwaysPresentField, Condition, FieldTest, WireField } from './condition/field-test.ts';
export { detect } from './detect.ts';
export type { Detection, Escalation, Example, Needs } from './detection.ts';
export { PACKS, type Pack, type PackName, type PackOptions, renderPack } from './packs/pack.ts';
export { type PackExample, packExamples } from './packs/pack-examples.ts';
export { DEFAULT_ID_BASE } from './packs/rule-ids.ts';
export { renderDetectionsPage } from './reference-page.ts';
export { LEVEL_BY_SEVERITY, type Severity } from './severity.ts';
