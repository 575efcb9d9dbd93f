/** What was decided when the guide's receiver was taken over. It stands in the record of each change, so that a later one keeps to it. */
export interface Migration {
  /** Where the guide's receiver listened, and ours does. Without an address: at all of them. */
  readonly listen: { readonly address?: string; readonly port: number };
  /** The guide's certificate and key, as that machine names them: API servers go on meeting this certificate. */
  readonly certificate: string;
  readonly key: string;
  /** API servers that may post without a certificate of their own, and the cluster that they are of. */
  readonly addresses: readonly string[];
  readonly cluster: string;
  /** The last day of it, `YYYY-MM-DD`, UTC. */
  readonly until: string;
  /** `guide`: events look as the guide's, and the rules are as they were. `pack`: the wire event, and the pack's rules. */
  readonly stage: 'guide' | 'pack';
}
