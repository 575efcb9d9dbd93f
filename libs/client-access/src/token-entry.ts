/** What is kept of a token: enough to know it again, nothing to make it from. */
export interface TokenEntry {
  /** 12 hexadecimal digits. */
  readonly id: string;
  readonly cluster: string;
  /** Of the whole token, hexadecimal. */
  readonly sha256: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** Absent: until it is revoked. */
  readonly endsAt?: string;
}
