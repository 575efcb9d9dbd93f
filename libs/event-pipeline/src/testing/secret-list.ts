import { createHash } from 'node:crypto';

/**
 * A list of secrets that does not hold them: of each form in which one could be written its length, a rolling hash to look for
 * it quickly, and its SHA-256 to be sure. `findSecrets` slides over anything that the product writes.
 */
export interface SecretList {
  readonly secrets: readonly ListedSecret[];
}

export interface ListedSecret {
  /** What it is, without saying it: `secrets data password`. */
  readonly what: string;
  readonly forms: readonly SecretForm[];
}

export interface SecretForm {
  /** `raw`, `base64`, … */
  readonly form: string;
  /** Length of the window: the whole of a short form, the last `WINDOW_BYTES` of a long one, which for a token is the signature. */
  readonly bytes: number;
  readonly rolling: number;
  readonly sha256: string;
}

export interface FoundSecret {
  readonly what: string;
  readonly form: string;
  /** Where the window begins in what was searched. */
  readonly offset: number;
}

/** Every place where a listed secret stands in these bytes. */
export function findSecrets(bytes: Uint8Array, list: SecretList): readonly FoundSecret[] {
  const wanted = new Map<number, Map<number, { what: string; form: SecretForm }[]>>();
  for (const { what, forms } of list.secrets) {
    for (const form of forms) {
      const ofLength = wanted.get(form.bytes) ?? new Map<number, { what: string; form: SecretForm }[]>();
      wanted.set(form.bytes, ofLength);
      ofLength.set(form.rolling, [...(ofLength.get(form.rolling) ?? []), { what, form }]);
    }
  }
  return [...wanted].flatMap(([length, forms]) => slide(bytes, length, forms));
}

/** The forms of a secret: as it is, escaped, percent-encoded, and in base64, alone or within something longer. */
export function secretForms(secret: Buffer): readonly SecretForm[] {
  const text = secret.toString();
  const forms = new Map<string, string | Buffer>([
    ['raw', secret],
    ['JSON', JSON.stringify(text).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1)],
    ['percent', encodeURIComponent(text)],
    ['hex', secret.toString('hex')],
  ]);
  for (const lead of [0, 1, 2]) {
    const packed = Buffer.concat([Buffer.alloc(lead), secret]);
    // Characters that share bits with a neighbour of the secret are not its own.
    const base64 = packed
      .toString('base64')
      .replace(/=+$/, '')
      .slice(lead === 0 ? 0 : lead + 1);
    const own = packed.length % 3 === 0 ? base64 : base64.slice(0, -1);
    forms.set(`base64 +${lead}`, own);
    forms.set(`base64url +${lead}`, own.replaceAll('+', '-').replaceAll('/', '_'));
  }
  const seen = new Set<string>();
  return [...forms].flatMap(([form, written]) => {
    const window = Buffer.from(written as string).subarray(-WINDOW_BYTES);
    const sha256 = digest(window);
    if (window.length < SHORTEST_BYTES || seen.has(sha256)) return [];
    seen.add(sha256);
    return [{ form, bytes: window.length, rolling: rollingOf(window), sha256 }];
  });
}

/** Long enough that chance has no part in it; a piece of a token is a leak too. */
const WINDOW_BYTES = 64;
/** Shorter texts stand in ordinary words. */
const SHORTEST_BYTES = 5;
const BASE = 16_777_619;

function rollingOf(window: Uint8Array): number {
  let rolling = 0;
  for (const byte of window) rolling = (Math.imul(rolling, BASE) + byte) | 0;
  return rolling;
}

function slide(
  bytes: Uint8Array,
  length: number,
  forms: ReadonlyMap<number, readonly { what: string; form: SecretForm }[]>,
): FoundSecret[] {
  const found: FoundSecret[] = [];
  if (bytes.length < length) return found;
  let leaving = 1;
  for (let index = 1; index < length; index += 1) leaving = Math.imul(leaving, BASE);
  let rolling = rollingOf(bytes.subarray(0, length));
  for (let offset = 0; ; offset += 1) {
    const candidates = forms.get(rolling);
    if (candidates !== undefined) {
      const sha256 = digest(bytes.subarray(offset, offset + length));
      for (const { what, form } of candidates) if (form.sha256 === sha256) found.push({ what, form: form.form, offset });
    }
    if (offset + length >= bytes.length) return found;
    rolling = (Math.imul(rolling - Math.imul(bytes[offset] as number, leaving), BASE) + (bytes[offset + length] as number)) | 0;
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
