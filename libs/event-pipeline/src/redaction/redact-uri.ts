import { REDACTED, redactText } from './redact-text.ts';

/**
 * Takes credentials out of a request URI, as the client sent it. Parameters keep their names and their order. The values of
 * an exec's `command` are read one by one: a command line is evidence, the password in it is not.
 */
export function redactUri(uri: string): string {
  const queryAt = uri.indexOf('?');
  const path = queryAt < 0 ? uri : uri.slice(0, queryAt);
  if (queryAt < 0) return redactText(path);
  const query = uri.slice(queryAt + 1).replace(/[^&;]+/g, redactParameter);
  return `${redactText(path)}?${query}`;
}

/** The same question without the answer's text; cheap for the many URIs that hold nothing of the kind. */
export function holdsCredentials(uri: string): boolean {
  const queryAt = uri.indexOf('?');
  const suspect = SUSPECT_ANYWHERE.test(uri) || (queryAt >= 0 && SUSPECT_PARAMETER.test(uri.slice(queryAt)));
  return suspect && redactUri(uri) !== uri;
}

function redactParameter(parameter: string): string {
  const equals = parameter.indexOf('=');
  if (equals < 0) return redactDecoded(parameter);
  const name = parameter.slice(0, equals);
  const value = parameter.slice(equals + 1);
  if (value === '') return parameter;
  if (CREDENTIAL_PARAMETER.test(decoded(name))) return `${name}=${REDACTED}`;
  return `${name}=${redactDecoded(value)}`;
}

/** Encoded again only where something was taken out, so that all else stays as it was sent. */
function redactDecoded(value: string): string {
  const text = decoded(value);
  const clean = redactText(text);
  return clean === text ? value : encodeURIComponent(clean).replaceAll(encodeURIComponent(REDACTED), REDACTED);
}

function decoded(value: string): string {
  const spaced = value.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    if (error instanceof URIError) return decodedBytes(spaced);
    throw error;
  }
}

/** Escapes that are no UTF-8 are decoded byte by byte: `%ff` beside a token must not hide the token. */
function decodedBytes(value: string): string {
  return value.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** OAuth and OIDC, signed links of the clouds, session ids. Kubernetes' own parameters carry none. */
const CREDENTIAL_PARAMETER =
  /^(?:.*[_-])?(?:token|passw(?:or)?d|passphrase|pwd|secret|api[_-]?key|apikey|key|auth|authorization|credentials?|sig|signature|sid|session(?:id)?|jwt|assertion|code|samlresponse)$|^(?:access|id|refresh)token$|^x-(?:amz|goog)-(?:signature|security-token|credential)$|^awsaccesskeyid$/i;

/** A percent sign can hide each of the forms that `redactText` knows. */
const SUSPECT_ANYWHERE = /%|@|eyJ|[Bb]earer|[Bb]asic|PRIVATE/;
/** Parts of the names above. The parameters of Kubernetes' own clients have none of them. */
const SUSPECT_PARAMETER = /token|passw|phrase|pwd|secret|key|auth|cred|sig|sid|session|jwt|assertion|code|saml/i;
