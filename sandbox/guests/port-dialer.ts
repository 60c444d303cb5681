import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { QmpClient } from './qmp';

export type Protocol = 'tcp' | 'udp';

/** Why nobody answered, in the words of a system call: `connection refused`. */
export class DialError extends Error {}

const LOOPBACK = '127.0.0.1';
const CONNECT_MS = 10_000;
const LOOK_MS = 5;
/** What is no connection, or not yet. */
const UNMADE = new Set(['HOST_FORWARD', 'SYN_SENT', 'SYN_RCVD', 'CLOSED']);

/** One line of QEMU's `info usernet`. */
export interface Connection {
  protocol: Protocol;
  state: string;
  source: { address: string; port: number };
  target: { address: string; port: number };
}

/** Reads what `info usernet` prints: protocol[state], file descriptor, source, target, queues. */
export function readConnections(printed: string): Connection[] {
  return [...printed.matchAll(/^\s*(TCP|UDP)\[([^\]]+)\]\s+-?\d+\s+(\S+)\s+(\d+)\s+(\S+)\s+(\d+)/gm)].map(
    ([, protocol, state = '', from = '', fromPort, to = '', toPort]) => ({
      protocol: protocol === 'TCP' ? 'tcp' : 'udp',
      state,
      source: { address: from, port: Number(fromPort) },
      target: { address: to, port: Number(toPort) },
    }),
  );
}

/**
 * Opens ports of a guest on QEMU's user network. Nobody can dial into that network, but QEMU can listen for us: each
 * call asks for a listener on a loopback port, connects to it and, as soon as the guest has answered, takes the
 * listener away again, so that the port is nobody else's door.
 */
export class PortDialer {
  /** One at a time: a new listener is known by being new. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly qmp: QmpClient) {}

  /** A stream to the port; UDP carries one datagram in each chunk. `backend` is the card's netdev. @throws DialError */
  open(backend: string, address: string, protocol: Protocol, port: number): Promise<Duplex> {
    const next = this.turn.then(() => this.dial(backend, address, protocol, port));
    this.turn = next.catch(() => undefined);
    return next;
  }

  private async dial(backend: string, address: string, protocol: Protocol, port: number): Promise<Duplex> {
    const before = new Set((await this.listeners(protocol)).map(({ source }) => source.port));
    await this.tell(`hostfwd_add ${backend} ${protocol}:${LOOPBACK}:0-${address}:${port}`);
    const added = (await this.listeners(protocol)).find(({ source }) => !before.has(source.port));
    if (!added) throw new DialError('no route to host');
    const remove = () =>
      this.tell(`hostfwd_remove ${backend} ${protocol}:${LOOPBACK}:${added.source.port}`).catch(
        () => undefined,
      );
    if (protocol === 'udp') {
      const stream = datagrams(added.source.port);
      stream.once('close', () => void remove());
      return stream;
    }
    try {
      return await this.connected(added.source.port);
    } finally {
      await remove();
    }
  }

  /** QEMU takes the connection at once; whether the guest did shows in QEMU's own table. */
  private async connected(port: number): Promise<Socket> {
    const socket = connect({ host: LOOPBACK, port });
    let refused = false;
    socket.on('error', () => {});
    socket.once('close', () => {
      refused = true;
    });
    const deadline = performance.now() + CONNECT_MS;
    while (performance.now() < deadline && !refused) {
      // It stands there under the listener's own port, which is nobody else's.
      const made = (await this.connections()).find(
        ({ protocol, state, source }) => protocol === 'tcp' && source.port === port && !UNMADE.has(state),
      );
      if (made) return socket;
      await delay(LOOK_MS);
    }
    socket.destroy();
    throw new DialError(refused ? 'connection refused' : 'connection timed out');
  }

  private async listeners(protocol: Protocol): Promise<Connection[]> {
    const all = await this.connections();
    return all.filter(
      (connection) => connection.protocol === protocol && connection.state === 'HOST_FORWARD',
    );
  }

  private async connections(): Promise<Connection[]> {
    return readConnections(await this.tell('info usernet'));
  }

  private async tell(line: string): Promise<string> {
    const answer = await this.qmp.execute('human-monitor-command', { 'command-line': line });
    return typeof answer === 'string' ? answer : '';
  }
}

/** A UDP association as a stream. */
function datagrams(port: number): Duplex {
  const socket = createSocket('udp4');
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      socket.send(chunk, port, LOOPBACK, (error) => done(error));
    },
    destroy(error, done) {
      socket.close(() => done(error));
    },
  });
  socket.on('message', (message) => stream.push(message));
  socket.on('error', (error) => stream.destroy(error));
  return stream;
}
