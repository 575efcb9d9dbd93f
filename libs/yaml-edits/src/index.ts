/** YAML files of people changed as text: the least edit, and its undo. Text in, text out. */
export { applyYamlRequests, type YamlEditing } from './apply.ts';
export { describeYamlChange } from './describe.ts';
export { undoYamlChanges, type YamlUndoing } from './undo.ts';
export type { PathStep, YamlChange, YamlPlace, YamlRequest, YamlValue } from './yaml-change.ts';
export { dataOf, documentIndex, parseYamlFile, type YamlFile } from './yaml-file.ts';
