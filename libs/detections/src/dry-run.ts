/**
 * In `requestURI`: the server was told not to keep what this request makes. Held to what the API server itself takes for it,
 * because whoever could fake this would hide a creation: a parameter of its own behind the first `?`, parted by `&` only,
 * not escaped. (`?fieldManager=x?dryRun=All` is a field manager with an odd name, and a real creation.)
 *
 * Deletions are not asked: there a body overrides the query, and at level Metadata nobody sees the body.
 */
export const DRY_RUN: string = String.raw`^[^?]*\?([^&]*&)*dryRun=All(&|$)`;
