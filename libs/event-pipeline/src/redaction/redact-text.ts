/** What stands in place of a credential. */
export const REDACTED = '[redacted]';

/**
 * Takes credentials out of text that anyone may have written: messages, annotations, commands, values of bodies.
 * Found by their form, not by their place: what follows a scheme of the Authorization header, JSON web tokens, private
 * keys, the password in an address, and `password=…` in its many spellings.
 */
export function redactText(text: string): string {
  if (!mayHoldCredentials(text)) return text;
  return text
    .replace(PRIVATE_KEY, '[redacted private key]')
    .replace(AUTHORIZATION, `$1$2${REDACTED}`)
    .replace(WORDS_OF_TOKENS, withoutTokens)
    .replace(USER_INFO, `$1${REDACTED}@`)
    .replace(ASSIGNMENT, (whole: string, name: string, value: string) => (value.startsWith(REDACTED) ? whole : name + REDACTED));
}

/** In doubt yes. Works on JSON text and on bytes read as latin1 too. */
export function mayHoldCredentials(text: string): boolean {
  return CREDENTIAL.test(text);
}

/** A name under which people store a credential: `DB_PASSWORD`, `client-secret`, `apiKey`. */
export function isCredentialName(name: string): boolean {
  return CREDENTIAL_NAME.test(name) && !HARMLESS_NAME.test(name);
}

/**
 * One look for all of the patterns below, so that ordinary text is passed through in one pass. Clients write this text: no
 * pattern here may begin again and again within one run of characters, or a megabyte of `eyJ` stops the receiver.
 */
const CREDENTIAL: RegExp =
  /PRIVATE KEY-----|\b(?:bearer|basic)[\s+]|eyJ|:\/\/[^\s/?#]*@|(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key)\\*["']?\s*[=:]/i;

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** `Authorization: Bearer …`; not the words of a message such as "attempted: bearer" or "basic authentication". */
const AUTHORIZATION = /\b(bearer|basic)([\s+]+)(?!auth|token|tokens\b|credentials?\b|scheme\b|\[redacted)[A-Za-z0-9+/=._~:-]{6,}/gi;

/** Runs of what a JSON web token may consist of. It cannot fail within a run, so that no text makes it look twice. */
const WORDS_OF_TOKENS = /[A-Za-z0-9_.-]{20,}/g;

/** A token's header is a JSON object, `{"` in base64url. Two parts are enough: a cut one opens no door but tells much. */
function withoutTokens(word: string): string {
  if (!word.includes('eyJ')) return word;
  const parts = word.split('.');
  const kept: string[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] as string;
    const start = part.indexOf('eyJ');
    const isHeader = start >= 0 && part.length - start >= SHORTEST_PART && (parts[index + 1]?.length ?? 0) >= SHORTEST_PART;
    kept.push(isHeader ? part.slice(0, start) + REDACTED : part);
    // Payload and signature go with it.
    if (isHeader) index += 2;
  }
  return kept.join('.');
}

const SHORTEST_PART = 8;

const USER_INFO = /(:\/\/[^\s/?#:@]*:)[^\s/?#@]+@/g;

const ASSIGNMENT =
  /((?:passw(?:or)?d|passphrase|(?<![A-Za-z0-9])(?:pwd|secret|(?:access|auth|bearer|id|refresh|session)?[_-]?token|api[_-]?key|secret[_-]?(?:access[_-]?)?key))["']?\s*[=:]\s*["']?)([^\s"'&,;]+)/gi;

const CREDENTIAL_NAME =
  /passw(?:or)?d|passphrase|(?:^|[_.-])pwd$|secret|(?:^|[_.-])(?:access|auth|bearer|id|refresh|session|api)?[_-]?token$|(?:Access|Auth|Bearer|Refresh|Session|Api)Token$|api[_-]?key|access[_-]?key|private[_-]?key|credentials?$|connection[_-]?string/i;

/** Names of things about credentials: `secretName`, `passwordFile`, `TOKEN_PATH`. */
const HARMLESS_NAME = /(?:name|names|file|path|ref|refs|keyref|type|url|uri|namespace|ttl|seconds|length|policy|id)$/i;
