import { parseFieldSelector } from './field-selector.ts';
import { isLabelSelector } from './label-selector.ts';

/** The options of a list that say what it is. */
export interface ListOptions {
  readonly watch: boolean;
  /** The one name that the field selector asks for. */
  readonly name: string | undefined;
}

/**
 * Reads a list's parameters as the API server does when it works out what a request is. One that it cannot read
 * (a limit that is no number, a selector with a slip) makes it forget them all, but for the watch.
 */
export function readListOptions(parameters: ReadonlyMap<string, string>): ListOptions {
  const fields = parseFieldSelector(parameters.get('fieldSelector') ?? '');
  const isReadable =
    fields !== undefined &&
    isLabelSelector(parameters.get('labelSelector') ?? '') &&
    ['timeoutSeconds', 'limit'].every((key) => isInt64(parameters.get(key) ?? '0'));
  const watch = parameters.get('watch');
  if (!isReadable) return { watch: watch !== undefined && !['0', 'false'].includes(watch.toLowerCase()), name: undefined };
  const name = fields.find((term) => term.field === 'metadata.name' && term.equal)?.value;
  return { watch: watch !== undefined && watch !== '0' && fold(watch) !== 'false', name };
}

/** strconv.ParseInt with base 10. */
function isInt64(text: string): boolean {
  if (!/^[-+]?[0-9]+$/.test(text)) return false;
  const value = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, value) === value;
}

/** strings.EqualFold also takes the long s for an s. */
function fold(text: string): string {
  return text.replaceAll('\u017f', 's').toLowerCase();
}
