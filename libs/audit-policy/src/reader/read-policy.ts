import type { DecodedPolicy } from '../decoded-policy.ts';
import { type Data, DataError, type Place } from '../go-json/data.ts';
import { type StrictError as DecodeStrictError, decode } from '../go-json/decode.ts';
import { parseJson } from '../go-json/parse-json.ts';
import { decodeUtf8 } from '../go-text/utf8.ts';
import { type DuplicatePlace, readYaml } from '../go-yaml/read-yaml.ts';
import { type KubernetesVersion, LATEST } from '../kubernetes-version.ts';
import type { Policy } from '../model.ts';
import { aggregateMessage, type FieldError } from '../validation/field-error.ts';
import { validatePolicy } from '../validation/validate-policy.ts';
import { groupVersion, interpret } from './group-version-kind.ts';
import type { PolicySource } from './policy-source.ts';
import { typeOf } from './scheme.ts';
import { toPolicy } from './to-policy.ts';

export interface ReadOptions {
  /** Whose rules hold; the newest known without it. */
  readonly kubernetesVersion?: KubernetesVersion;
  /** Path of the file; kube-apiserver ends its message with it. */
  readonly path?: string;
}

/** What kube-apiserver makes of a policy file. */
export type PolicyReading =
  | {
      readonly kind: 'policy';
      readonly policy: Policy;
      /** What kube-apiserver only whispers into its log, and loads the policy all the same. */
      readonly strictErrors: readonly StrictError[];
      readonly source: PolicySource;
    }
  | {
      readonly kind: 'refused';
      /** Kubernetes' own words; kube-apiserver ends with them. */
      readonly message: string;
      /** What the validator refuses; empty when the file did not come that far. */
      readonly errors: readonly FieldError[];
      readonly strictErrors: readonly StrictError[];
      /** Where the reader gave up, when that is one place. */
      readonly place: Place | undefined;
      /** Present when the text is YAML or JSON at all. */
      readonly source: PolicySource | undefined;
      /** Present when the validator refused it. */
      readonly decoded: DecodedPolicy | undefined;
    };

/** A field that kube-apiserver ignores, or keys of which only the last counts. */
export type StrictError =
  | DecodeStrictError
  | {
      readonly kind: 'duplicate-keys';
      /** All of them in one message, as go-yaml has it. */
      readonly message: string;
      readonly keys: readonly DuplicatePlace[];
    };

/**
 * Reads a policy exactly as kube-apiserver 1.36 does (apiserver v0.36.3 pkg/audit/policy/reader.go): strictly first,
 * then leniently; YAML 1.1 or JSON, the first document; then the validator. No text makes it throw.
 */
export function readPolicy(text: string | Uint8Array, options: ReadOptions = {}): PolicyReading {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  const document = readDocument(bytes);
  if (document.kind === 'broken') return refused(`failed decoding: ${document.message}`, options, { place: document.place });
  const { source, duplicates } = document;
  try {
    const gvk = interpret(source.root);
    if (gvk.version === '') throw new DataError(`Object 'apiVersion' is missing in '${decodeUtf8(bytes)}'`);
    const typeName = typeOf(gvk);
    const decoded = decode(typeName, source.root, { caseSensitive: true });
    if (typeName !== 'v1.Policy' && typeName !== 'audit.Policy')
      throw new DataError(`converting (${typeName}) to (audit.Policy): unknown conversion`);
    const strictErrors: StrictError[] = [...duplicates, ...decoded.strictErrors];
    if (typeName === 'audit.Policy')
      return refused(`unknown group version field ${groupVersion(gvk)}, Kind=${gvk.kind} in policy`, options, { source, strictErrors });
    return validated(toPolicy(decoded.value), source, strictErrors, options);
  } catch (error) {
    if (error instanceof DataError) return refused(`failed decoding: ${error.message}`, options, { source, place: error.place });
    throw error;
  }
}

function validated(
  decoded: DecodedPolicy,
  source: PolicySource,
  strictErrors: readonly StrictError[],
  options: ReadOptions,
): PolicyReading {
  const errors = validatePolicy(decoded, options.kubernetesVersion ?? LATEST);
  if (errors.length > 0) return refused(aggregateMessage(errors), options, { source, strictErrors, errors, decoded });
  if (decoded.rules.length === 0) return refused('loaded illegal policy with 0 rules', options, { source, strictErrors, decoded });
  // The validator has seen that levels and stages are those that there are.
  return { kind: 'policy', policy: decoded as Policy, strictErrors, source };
}

type Document =
  | { readonly kind: 'document'; readonly source: PolicySource; readonly duplicates: readonly StrictError[] }
  | { readonly kind: 'broken'; readonly message: string; readonly place: Place | undefined };

function readDocument(bytes: Uint8Array): Document {
  if (startsWith(bytes, PROTOBUF_PREFIX))
    return { kind: 'broken', message: 'a policy in protobuf form is not read by this program', place: undefined };
  if (!isJson(bytes)) {
    const reading = readYaml(bytes);
    if (reading.kind === 'broken') return reading;
    return {
      kind: 'document',
      source: { format: 'yaml', root: reading.data, more: reading.more },
      duplicates: strictYaml(reading.duplicates),
    };
  }
  try {
    const root: Data = parseJson(bytes);
    return { kind: 'document', source: { format: 'json', root, more: undefined }, duplicates: [] };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { kind: 'broken', message: `couldn't get version/kind; json parse error: ${error.message}`, place: error.place };
  }
}

function strictYaml(keys: readonly DuplicatePlace[]): StrictError[] {
  if (keys.length === 0) return [];
  return [{ kind: 'duplicate-keys', message: `yaml: unmarshal errors:\n${keys.map(({ message }) => `  ${message}`).join('\n')}`, keys }];
}

/** Kubernetes' other wire format, known by its first bytes. */
const PROTOBUF_PREFIX: Uint8Array = Buffer.from('k8s\0');

/** A brace after white space (apimachinery pkg/util/yaml IsJSONBuffer); Unicode's white space counts, a byte order mark does not. */
function isJson(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('{');
  if (start < 0) return false;
  return /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/.test(
    Buffer.from(bytes.subarray(0, start)).toString('utf8'),
  );
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

function refused(
  message: string,
  options: ReadOptions,
  rest: {
    readonly source?: PolicySource;
    readonly place?: Place | undefined;
    readonly strictErrors?: readonly StrictError[];
    readonly errors?: readonly FieldError[];
    readonly decoded?: DecodedPolicy;
  },
): PolicyReading {
  return {
    kind: 'refused',
    message: options.path === undefined ? message : `${message}: from file ${options.path}`,
    errors: rest.errors ?? [],
    strictErrors: rest.strictErrors ?? [],
    place: rest.place,
    source: rest.source,
    decoded: rest.decoded,
  };
}
