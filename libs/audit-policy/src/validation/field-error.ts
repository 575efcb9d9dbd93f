import { marshalString } from '../go-text/marshal.ts';
import { quote } from '../go-text/quote.ts';

/** One thing that kube-apiserver refuses in a policy (apimachinery pkg/util/validation/field/errors.go). */
export interface FieldError {
  readonly type: 'FieldValueInvalid' | 'FieldValueRequired' | 'FieldValueNotSupported';
  /** `rules[2].resources.group`: the entries of `resources` have no index, as in Kubernetes. */
  readonly field: string;
  readonly badValue: string | readonly string[];
  readonly detail: string;
  /** The whole sentence: `rules[0].level: Required value`. */
  readonly message: string;
}

export function invalid(field: string, badValue: string | readonly string[], detail: string): FieldError {
  const text = typeof badValue === 'string' ? quote(badValue) : `[${badValue.map(marshalString).join(',')}]`;
  return { type: 'FieldValueInvalid', field, badValue, detail, message: `${field}: Invalid value: ${text}: ${detail}` };
}

export function required(field: string): FieldError {
  return { type: 'FieldValueRequired', field, badValue: '', detail: '', message: `${field}: Required value` };
}

export function notSupported(field: string, badValue: string, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map(quote).join(', ')}`;
  // The value is of a type of its own, which Kubernetes prints as JSON and not as a Go string.
  return {
    type: 'FieldValueNotSupported',
    field,
    badValue,
    detail,
    message: `${field}: Unsupported value: ${marshalString(badValue)}: ${detail}`,
  };
}

/** All errors in one line, as kube-apiserver ends with: `[a, b]`, each once. */
export function aggregateMessage(errors: readonly FieldError[]): string {
  const messages = [...new Set(errors.map((error) => error.message))];
  return messages.length === 1 ? (messages[0] ?? '') : `[${messages.join(', ')}]`;
}
