import { type Data, DataError } from '../go-json/data.ts';
import { decode } from '../go-json/decode.ts';
import { TYPE_HEADER } from '../go-json/go-kinds.ts';

/** What a document says that it is. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** The version of a type that only lives in memory; what a document without an apiVersion is taken for. */
export const INTERNAL = '__internal';

/** apiVersion and kind of a document. The keys are found in any case, unlike all others (serializer/json/meta.go). */
export function interpret(data: Data): GroupVersionKind {
  const header = readHeader(data);
  return withDefaults({ ...parseGroupVersion(header.apiVersion), kind: header.kind });
}

function readHeader(data: Data): { readonly apiVersion: string; readonly kind: string } {
  try {
    const { value } = decode(TYPE_HEADER, data, { caseSensitive: false });
    return { apiVersion: String(value.fields.get('apiVersion') ?? ''), kind: String(value.fields.get('kind') ?? '') };
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`couldn't get version/kind; json parse error: ${error.message}`, error.place);
    throw error;
  }
}

function parseGroupVersion(text: string): { readonly group: string; readonly version: string } {
  if (text === '' || text === '/') return { group: '', version: '' };
  const parts = text.split('/');
  if (parts.length > 2) throw new DataError(`unexpected GroupVersion string: ${text}`);
  const [group = '', version = ''] = parts.length === 1 ? ['', text] : parts;
  return { group, version };
}

/** What is left open is what the reader wants: the internal Policy (serializer/json/json.go gvkWithDefaults). */
function withDefaults({ group, version, kind }: GroupVersionKind): GroupVersionKind {
  const isOpen = version === '' && (group === '' || group === 'audit.k8s.io');
  return {
    group: isOpen ? 'audit.k8s.io' : group,
    version: isOpen ? INTERNAL : version,
    kind: kind === '' ? 'Policy' : kind,
  };
}

export function groupVersion({ group, version }: GroupVersionKind): string {
  return group === '' ? version : `${group}/${version}`;
}
