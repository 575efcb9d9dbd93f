import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { refusePattern } from '@k8s-audit/rule-engine';
import { type LoadedRuleset, loadRules } from '@k8s-audit/wazuh-rules';
import { FILES } from './files.ts';

/** A row of a recorded file; what it holds is up to the check that reads it. */
export type Row = { readonly [key: string]: unknown };

/** A folder of recorded vectors. */
export interface Vectors {
  /** Undefined: the folder has no such file. */
  rows(file: string): readonly Row[] | undefined;
  /** A file of the folder, for rows that name rule files. */
  read(path: string): Buffer;
  /** The rules that a row names, loaded as for the recording; kept for the next row. */
  rulesOf(row: Row): LoadedRuleset;
  /** CDB lists by the path that rules name. */
  readonly lists: ReadonlyMap<string, Buffer>;
}

/** Throws VECTORS_UNREADABLE with the place of what is wrong. */
export function openVectors(folder: string): Vectors {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw unreadable(`${folder} is no folder.`);
  if (!FILES.some((file) => existsSync(join(folder, file)))) throw unreadable(`${folder} holds none of ${FILES.join(', ')}.`);
  const read = (path: string): Buffer => {
    const file = join(folder, path);
    if (!existsSync(file)) throw unreadable(`${file} is named by a row but is not there.`);
    return readFileSync(file);
  };
  const lists = readLists(join(folder, 'lists'));
  const loaded = new Map<string, LoadedRuleset>();
  return {
    lists,
    read,
    rows: (file) => readRows(join(folder, file)),
    rulesOf(row) {
      const names = ruleFilesOf(row);
      const key = names.join('\n');
      const ruleset =
        loaded.get(key) ??
        loadRules(
          names.map((name) => ({ name, text: read(name) })),
          { compilePattern: refusePattern, lists: new Set(lists.keys()) },
        );
      loaded.set(key, ruleset);
      return ruleset;
    },
  };
}

/** `rules_file` or `rules_files` of a row. */
export function ruleFilesOf(row: Row): readonly string[] {
  const one = row['rules_file'];
  const many = row['rules_files'];
  if (typeof one === 'string') return [one];
  if (Array.isArray(many) && many.every((name) => typeof name === 'string')) return many;
  throw unreadable(`Row ${JSON.stringify(row['name'] ?? '?')} has neither rules_file nor rules_files.`);
}

export function textOfRow(row: Row, key: string): string {
  const value = row[key];
  if (typeof value !== 'string') throw unreadable(`Row ${JSON.stringify(row['name'] ?? row['pattern'] ?? '?')} has no text "${key}".`);
  return value;
}

export function unreadable(message: string): Failure {
  return new Failure('VECTORS_UNREADABLE', message, {
    hint: `Name a folder with recorded rows of wazuh-analysisd: ${FILES.join(', ')}, rules/, lists/.`,
  });
}

function readRows(file: string): readonly Row[] | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.json')) return [parseRow(text, file)];
  return text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [parseRow(line, `${file}:${index + 1}`)]));
}

function parseRow(text: string, place: string): Row {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch (error) {
    // A SyntaxError of JSON.parse, which tells the column.
    throw unreadable(`${place} is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) throw unreadable(`${place} is no JSON object.`);
  return row as Row;
}

/** Every file of lists/, as etc/lists/NAME: where the recording had them. */
function readLists(folder: string): ReadonlyMap<string, Buffer> {
  if (!existsSync(folder)) return new Map();
  return new Map(readdirSync(folder).map((name) => [`etc/lists/${basename(name)}`, readFileSync(join(folder, name))]));
}
