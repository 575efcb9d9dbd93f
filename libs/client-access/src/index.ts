/** Who may post without a certificate, and who no longer may with one: tokens and revocations, text in, text out. */
export { type CertificateMarks, parseRevokedList, type RevokedList, renderRevokedLine } from './revoked-list.ts';
export { createToken, type IssuedToken, type TokenOptions } from './token.ts';
export type { TokenEntry } from './token-entry.ts';
export { isEnded, parseTokenFile, renderTokenFile, TokenFile } from './token-file.ts';
