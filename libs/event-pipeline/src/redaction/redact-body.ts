import { type TextEdit, withEdits } from '@k8s-audit/text-edits';
import { csrSubject } from './csr-subject.ts';
import { atPointer, below, type FieldPaths, fieldPaths, joined, NO_FIELDS, pointerSteps } from './field-paths.ts';
import {
  type JsonArrayNode,
  type JsonLeafNode,
  type JsonNode,
  type JsonObjectNode,
  memberOf,
  readJsonTree,
  stringOf,
} from './json-tree.ts';
import { isCredentialName, REDACTED, redactText } from './redact-text.ts';
import type { RedactionPolicy, SensitiveResource } from './redaction-policy.ts';

/**
 * What must be replaced in a body, or in JSON text found within one. `resource` is the sensitive resource that the event
 * is about; objects of other sensitive kinds are found by their `kind`, wherever they stand: in lists, tables, templates,
 * patches, and as JSON in a string.
 */
export function redactBody(text: string, body: JsonNode, policy: RedactionPolicy, resource: SensitiveResource | undefined): TextEdit[] {
  return new BodyRedaction(text, policy, 0).edits(body, resource);
}

/** The same for a string: JSON in it is read as a body, YAML of a Secret goes as a whole, the rest is searched by form. */
export function redactString(value: string, policy: RedactionPolicy, resource: SensitiveResource | undefined, nesting = 0): string {
  if (value.length < SHORTEST_CREDENTIAL) return value;
  const first = value.trimStart()[0];
  if (first === '{' || (first === '[' && !value.startsWith(REDACTED))) {
    const tree = nesting < MAX_NESTING ? readJsonTree(value) : undefined;
    if (tree !== undefined) return withEdits(value, new BodyRedaction(value, policy, nesting + 1).edits(tree, resource));
    if (resource !== undefined || SECRET_KIND.test(value)) return REDACTED;
  }
  return SECRET_IN_YAML.test(value) ? '[redacted: YAML of a Secret]' : redactText(value);
}

/** A password in an address: `a://b:c@`. */
const SHORTEST_CREDENTIAL = 8;

/** JSON in JSON in JSON is seen (a list's `last-applied-configuration`); deeper than this is no one's habit. */
const MAX_NESTING = 4;
const SECRET_KIND = /"kind\\*"\s*:\s*\\*"Secret\\*"/;
const SECRET_IN_YAML = /(?:^|[\s{,-])["']?kind["']?\s*:\s*["']?(?:Secret|TokenReview|TokenRequest)["']?\s*(?:$|[,}#\r\n])/m;

interface Task {
  readonly node: JsonNode;
  readonly paths: FieldPaths;
  /** The sensitive resource whose object this place belongs to. */
  readonly resource: SensitiveResource | undefined;
  /** The place is the root of an object of `resource`. */
  readonly isRoot: boolean;
  readonly key: string;
}

/** One walk over one text. Tasks stand on a list of their own: the depth is the sender's choice. */
class BodyRedaction {
  readonly #text: string;
  readonly #policy: RedactionPolicy;
  readonly #nesting: number;
  readonly #edits: TextEdit[] = [];
  readonly #tasks: Task[] = [];

  constructor(text: string, policy: RedactionPolicy, nesting: number) {
    this.#text = text;
    this.#policy = policy;
    this.#nesting = nesting;
  }

  edits(body: JsonNode, resource: SensitiveResource | undefined): TextEdit[] {
    this.#pushRoot(body, resource);
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) this.#visit(task);
    return this.#edits;
  }

  #pushRoot(node: JsonNode, resource: SensitiveResource | undefined): void {
    this.#add({ node, paths: fieldPaths(resource), resource, isRoot: true, key: '' });
  }

  /** Objects and lists wait for their turn; of the rest there may be a million, and it is done at once. */
  #add(task: Task): void {
    if (task.node.kind === 'object' || task.node.kind === 'array') this.#tasks.push(task);
    else this.#visitLeaf(task.node, task.paths, task.resource);
  }

  #visit(task: Task): void {
    const { node } = task;
    if (node.kind === 'object') this.#visitObject(node, task);
    else if (node.kind === 'array') this.#visitArray(node, task);
  }

  #visitLeaf(node: JsonLeafNode, paths: FieldPaths, resource: SensitiveResource | undefined): void {
    if (node.kind === 'string') this.#visitString(node, paths, resource);
    else if (paths.whole && isNumber(this.#text.charCodeAt(node.start))) this.#replace(node, REDACTED);
  }

  #visitArray(node: JsonArrayNode, task: Task): void {
    for (const item of node.items) {
      if (item.kind === 'string' || item.kind === 'scalar') this.#visitLeaf(item, task.paths, task.resource);
      else if (this.#isPatchOperation(item))
        this.#visitPatchOperation(item, task.isRoot || task.key === 'patch' ? task.resource : undefined);
      else this.#tasks.push({ ...task, node: item });
    }
  }

  #isPatchOperation(node: JsonNode): node is JsonObjectNode {
    return stringOf(this.#text, memberOf(node, 'op')) !== undefined && stringOf(this.#text, memberOf(node, 'path')) !== undefined;
  }

  #visitPatchOperation(operation: JsonObjectNode, resource: SensitiveResource | undefined): void {
    const steps = pointerSteps(stringOf(this.#text, memberOf(operation, 'path')) ?? '');
    const key = steps.at(-1) ?? '';
    // The name of an environment variable stands in another operation, or in none: its value is not for reading.
    const secret = isCredentialKey(key) || (key === 'value' && steps.at(-3) === 'env') || isAppliedCopy(key, resource);
    for (const member of operation.members) {
      const value = member.value;
      if (member.key !== 'value') continue;
      const paths = secret ? WHOLE : atPointer(fieldPaths(resource), steps);
      this.#add({ node: value, paths, resource, isRoot: steps.length === 0, key });
    }
  }

  #visitObject(node: JsonObjectNode, task: Task): void {
    const kind = stringOf(this.#text, memberOf(node, 'kind'));
    const ofKind = kind === undefined ? undefined : this.#policy.resources.find((entry) => entry.kind === kind);
    const resource = ofKind ?? task.resource;
    // An error of the API server, and the frame around a list, are no objects of the resource.
    const isFrame = task.isRoot && (kind === 'Status' || kind === 'Table' || kind?.endsWith('List') === true);
    const paths = isFrame ? NO_FIELDS : joined(task.paths, ofKind === undefined ? NO_FIELDS : fieldPaths(ofKind));
    const isRoot = task.isRoot || ofKind !== undefined;
    const namesCredential = isCredentialName(stringOf(this.#text, memberOf(node, 'name')) ?? '');

    for (const { key, value } of node.members) {
      if (isFrame && (key === 'items' || key === 'rows')) this.#pushFramed(key, value, resource);
      else {
        const secret =
          isAppliedCopy(key, resource) || (value.kind === 'string' && (isCredentialKey(key) || (key === 'value' && namesCredential)));
        this.#add({ node: value, paths: secret ? WHOLE : below(paths, key, isRoot), resource, isRoot: false, key });
      }
    }
  }

  #pushFramed(key: 'items' | 'rows', value: JsonNode, resource: SensitiveResource | undefined): void {
    for (const entry of value.kind === 'array' ? value.items : [value]) {
      if (key === 'items' || entry.kind !== 'object') {
        this.#pushRoot(entry, resource);
        continue;
      }
      for (const part of entry.members) {
        if (part.key === 'cells' && resource !== undefined && part.value.kind === 'array') {
          // The first column of a table is the object's name; what an own resource prints in the others is not known.
          for (const cell of part.value.items.slice(1)) this.#add({ node: cell, paths: WHOLE, resource, isRoot: false, key: 'cells' });
        } else this.#pushRoot(part.value, resource);
      }
    }
  }

  #visitString(node: JsonLeafNode, paths: FieldPaths, resource: SensitiveResource | undefined): void {
    const value = stringOf(this.#text, node) ?? '';
    if (value === '') return;
    const clean = paths.whole ? inPlaceOf(value) : redactString(value, this.#policy, resource, this.#nesting);
    if (clean !== value) this.#replace(node, clean);
  }

  #replace(node: JsonNode, value: string): void {
    this.#edits.push({ start: node.start, end: node.end, text: JSON.stringify(value) });
  }
}

/** Of a certificate request the subject stays: it is no credential, and what detections look for. */
function inPlaceOf(value: string): string {
  // An event that comes a second time, from an archive, is as it was.
  if (value.startsWith(SUBJECT)) return value;
  const subject = csrSubject(value);
  return subject === undefined ? REDACTED : SUBJECT + subject;
}

const SUBJECT = `${REDACTED} subject: `;

function isNumber(firstCode: number): boolean {
  return firstCode === 0x2d || (firstCode >= 0x30 && firstCode <= 0x39);
}

const WHOLE: FieldPaths = { whole: true, rest: [] };

/** Keys that hold nothing but a credential, whatever the object. (`secret` and `token` often name one instead.) */
function isCredentialKey(key: string): boolean {
  return CREDENTIAL_KEYS.has(key);
}

const CREDENTIAL_KEYS: ReadonlySet<string> = new Set([
  'password',
  'passwd',
  'Password',
  'clientSecret',
  'client_secret',
  'secretAccessKey',
]);

/** Other tools' copies of the object, packed: `objectset.rio.cattle.io/applied` is gzip and base64 of it. */
function isAppliedCopy(key: string, resource: SensitiveResource | undefined): boolean {
  return resource !== undefined && key.endsWith('/applied');
}
