import type { Socket } from 'node:net';

export interface ConnectionLimits {
  readonly connections: number;
  readonly connectionsPerCluster: number;
  readonly unidentifiedConnections: number;
}

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  cluster?: string;
}

/**
 * Who holds how many connections. A client that has not shown who it is gets one of a limited number of places; when they
 * are taken, one of the address that holds most of them has to go: the oldest that has said nothing, else the oldest. So ten thousand
 * silent connections cost each other their places, and an API server, which begins its handshake at once and is done with it in
 * milliseconds, finds one. The rest of the places is for those who are known.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #onEvicted: (address: string) => void;
  readonly #bySocket = new WeakMap<Socket, Connection>();
  readonly #byPeer = new Map<string, Connection>();
  /** Not yet identified, by address; the oldest first. */
  readonly #unidentified = new Map<string, Set<Connection>>();
  #unidentifiedCount = 0;
  #identifiedCount = 0;
  readonly #perCluster = new Map<string, number>();

  constructor(limits: ConnectionLimits, onEvicted: (address: string) => void) {
    this.#limits = limits;
    this.#onEvicted = onEvicted;
  }

  /** A TCP connection came in. */
  opened(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const connection: Connection = { socket, address };
    const peer = peerOf(socket);
    this.#bySocket.set(socket, connection);
    this.#byPeer.set(peer, connection);
    this.#addUnidentified(connection);
    socket.once('close', () => {
      if (this.#byPeer.get(peer) === connection) this.#byPeer.delete(peer);
      this.#leave(connection);
    });
    if (this.#unidentifiedCount > this.#limits.unidentifiedConnections) this.#evictOne();
  }

  /**
   * The client of this connection (of the TLS socket on it) is known. False: there is no place for one more of its cluster, or
   * for anybody; the connection then stays among those that may have to go.
   */
  identified(socket: Socket, cluster: string): boolean {
    const connection = this.#bySocket.get(socket) ?? this.#byPeer.get(peerOf(socket));
    if (connection === undefined || connection.cluster === cluster) return true;
    const held = this.#perCluster.get(cluster) ?? 0;
    const places = this.#limits.connections - this.#limits.unidentifiedConnections;
    if (held >= this.#limits.connectionsPerCluster || this.#identifiedCount >= places) return false;
    this.#leave(connection);
    connection.cluster = cluster;
    this.#perCluster.set(cluster, held + 1);
    this.#identifiedCount++;
    return true;
  }

  get identifiedCount(): number {
    return this.#identifiedCount;
  }

  get unidentifiedCount(): number {
    return this.#unidentifiedCount;
  }

  #evictOne(): void {
    let fattest: Set<Connection> | undefined;
    for (const each of this.#unidentified.values()) if (each.size > (fattest?.size ?? 0)) fattest = each;
    const [oldest] = fattest ?? [];
    if (fattest === undefined || oldest === undefined) return;
    // Who has said nothing goes before who has begun a handshake.
    const victim = firstSilent(fattest) ?? oldest;
    this.#leave(victim);
    this.#onEvicted(victim.address);
    // Not `end`: who does not speak does not listen either.
    victim.socket.destroy();
  }

  #addUnidentified(connection: Connection): void {
    const same = this.#unidentified.get(connection.address) ?? new Set();
    this.#unidentified.set(connection.address, same.add(connection));
    this.#unidentifiedCount++;
  }

  /** Of the place that it holds; of none when it has left it already. */
  #leave(connection: Connection): void {
    if (connection.cluster !== undefined) {
      const held = (this.#perCluster.get(connection.cluster) ?? 0) - 1;
      if (held > 0) this.#perCluster.set(connection.cluster, held);
      else this.#perCluster.delete(connection.cluster);
      delete connection.cluster;
      this.#identifiedCount--;
      return;
    }
    const same = this.#unidentified.get(connection.address);
    if (same?.delete(connection) !== true) return;
    this.#unidentifiedCount--;
    if (same.size === 0) this.#unidentified.delete(connection.address);
  }
}

function firstSilent(connections: Iterable<Connection>): Connection | undefined {
  for (const connection of connections) if (connection.socket.bytesRead === 0) return connection;
  return undefined;
}

/** The TCP socket and the TLS socket on it share the peer's address and port, which no other open connection has. */
function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
