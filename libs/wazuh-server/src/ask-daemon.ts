/** How a daemon of Wazuh is asked on one of its control sockets; the app hands in the one of libs/wazuh-queue. */
export type AskDaemon = (
  socketPath: string,
  command: string,
  options?: { readonly parameters?: object; readonly timeoutMs?: number },
) => Promise<
  | { readonly kind: 'answer'; readonly error: number; readonly message: string; readonly data: unknown }
  | { readonly kind: 'unavailable'; readonly reason: string }
>;
