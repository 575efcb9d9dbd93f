import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Connections } from './connections.ts';

let nextPort = 1;
const evicted: string[] = [];

/** What `Connections` uses of a socket. */
function socketFrom(address: string, bytesRead = 0): Socket {
  const socket = Object.assign(new EventEmitter(), {
    remoteAddress: address,
    remotePort: nextPort++,
    destroyed: false,
    bytesRead,
    destroy: () => {
      socket.destroyed = true;
      socket.emit('close');
    },
  });
  return socket as unknown as Socket;
}

function connectionsOf(limits: { connections?: number; connectionsPerCluster?: number; unidentifiedConnections?: number }): Connections {
  evicted.length = 0;
  return new Connections({ connections: 10, connectionsPerCluster: 3, unidentifiedConnections: 4, ...limits }, (address) =>
    evicted.push(address),
  );
}

describe('clients that have not shown who they are', () => {
  it('share a number of places; the oldest of the address that holds most of them goes', () => {
    const connections = connectionsOf({});
    const honest = socketFrom('10.0.0.7');
    const flood = Array.from({ length: 3 }, () => socketFrom('10.6.6.6'));
    for (const socket of [honest, ...flood]) connections.opened(socket);
    const more = socketFrom('10.6.6.6');
    connections.opened(more);

    expect([honest, ...flood, more].map(({ destroyed }) => destroyed)).toEqual([false, true, false, false, false]);
    expect([evicted, connections.unidentifiedCount, connections.identifiedCount]).toEqual([['10.6.6.6'], 4, 0]);
  });

  it('go before those that have begun a handshake, when they have said nothing', () => {
    const connections = connectionsOf({});
    const handshakes = Array.from({ length: 2 }, () => socketFrom('10.6.6.6', 500));
    const silent = Array.from({ length: 4 }, () => socketFrom('10.6.6.6'));
    for (const socket of [...handshakes, ...silent]) connections.opened(socket);

    expect([...handshakes, ...silent].map(({ destroyed }) => destroyed)).toEqual([false, false, true, true, false, false]);
  });

  it('give their place back when they close or are known', () => {
    const connections = connectionsOf({});
    const [one, two] = [socketFrom('10.0.0.7'), socketFrom('10.0.0.8')];
    connections.opened(one);
    connections.opened(two);
    expect(connections.identified(one, 'prod-eu')).toBe(true);
    two.destroy();

    expect([connections.unidentifiedCount, connections.identifiedCount]).toEqual([0, 1]);
    one.destroy();
    expect([connections.unidentifiedCount, connections.identifiedCount]).toEqual([0, 0]);
  });

  it('take no place of those who are known, however many come', () => {
    const connections = connectionsOf({});
    const known = socketFrom('10.0.0.7');
    connections.opened(known);
    connections.identified(known, 'prod-eu');
    for (let count = 0; count < 1_000; count++) connections.opened(socketFrom('10.6.6.6'));

    expect(known.destroyed).toBe(false);
    expect([connections.unidentifiedCount, evicted.length]).toEqual([4, 996]);
  });
});

describe('clients that are known', () => {
  it('have so many places a cluster, and are known again on the same connection', () => {
    const connections = connectionsOf({});
    const sockets = Array.from({ length: 4 }, () => socketFrom('10.0.0.7'));
    const taken = sockets.map((socket) => {
      connections.opened(socket);
      return connections.identified(socket, 'prod-eu');
    });

    expect(taken).toEqual([true, true, true, false]);
    expect(sockets.map((socket) => connections.identified(socket, 'prod-eu'))).toEqual([true, true, true, false]);
    sockets[0]?.destroy();
    expect(connections.identified(sockets[3] as Socket, 'prod-eu')).toBe(true);
  });

  it('leave the places of the unknown alone', () => {
    const connections = connectionsOf({ connections: 6, connectionsPerCluster: 6 });
    const taken = ['a', 'b', 'c'].map((cluster) => {
      const socket = socketFrom('10.0.0.7');
      connections.opened(socket);
      return connections.identified(socket, cluster);
    });

    expect(taken).toEqual([true, true, false]);
  });

  it('are found by the TLS socket on their connection, which shares its address and port', () => {
    const connections = connectionsOf({});
    const tcp = socketFrom('10.0.0.7');
    connections.opened(tcp);
    const tls = { remoteAddress: tcp.remoteAddress, remotePort: tcp.remotePort } as Socket;

    expect([connections.identified(tls, 'prod-eu'), connections.identifiedCount]).toEqual([true, 1]);
  });
});
