import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Door, Protocol, Target } from './doors';

/** A UDP client that was silent for so long is taken for gone, as conntrack does. */
const UDP_IDLE_MS = 60_000;

/** Opens a connection to a port of a pod; a chunk of UDP is a datagram. */
export type Dial = (target: Target, protocol: Protocol) => Promise<Duplex>;

/** What listens at a door, and leads whoever comes to one of its targets. */
export interface Listener {
  /** The door as it is now: who comes from now on is led by it. */
  door: Door;
  close(): void;
}

/** @throws an Error with the system's code (EADDRINUSE, EACCES) when the door cannot be opened. */
export function listenAt(door: Door, dial: Dial): Promise<Listener> {
  return door.protocol === 'tcp' ? listenTcp(door, dial) : listenUdp(door, dial);
}

/** Whose turn it is. */
class Turns {
  #next = 0;

  /** The targets in the order in which they are to be tried. */
  of({ targets, sticky }: Door): Target[] {
    if (targets.length === 0) return [];
    // All clients of the host have one address: to them affinity means always the first.
    const first = sticky ? 0 : this.#next++ % targets.length;
    return [...targets.slice(first), ...targets.slice(0, first)];
  }
}

async function connect(targets: Target[], protocol: Protocol, dial: Dial): Promise<Duplex | undefined> {
  for (const target of targets) {
    const stream = await dial(target, protocol).catch(() => undefined);
    if (stream) return stream;
  }
  return undefined;
}

async function listenTcp(door: Door, dial: Dial): Promise<Listener> {
  const clients = new Set<Socket>();
  const turns = new Turns();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    client.on('error', () => client.destroy());
    void connect(turns.of(listener.door), 'tcp', dial).then((stream) => {
      // Nobody is there: the client learns it by a reset.
      if (!stream) client.resetAndDestroy();
      else splice(client, stream);
    });
  });
  const listener: Listener = {
    door,
    close() {
      server.close();
      for (const client of clients) client.destroy();
    },
  };
  await listening(server, door);
  return listener;
}

function listening(server: Server, { address, port }: Door): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve();
    });
  });
}

function splice(client: Socket, stream: Duplex): void {
  stream.on('error', () => client.destroy());
  stream.once('close', () => client.destroySoon());
  client.once('close', () => stream.destroy());
  client.pipe(stream);
  stream.pipe(client);
  client.resume();
}

async function listenUdp(door: Door, dial: Dial): Promise<Listener> {
  const socket = createSocket('udp4');
  const flows = new Map<string, Flow>();
  const turns = new Turns();
  const listener: Listener = {
    door,
    close() {
      for (const flow of flows.values()) flow.end();
      socket.close();
    },
  };
  socket.on('message', (message, from) => {
    const key = `${from.address}:${from.port}`;
    let flow = flows.get(key);
    if (!flow) {
      const stream = connect(turns.of(listener.door), 'udp', dial);
      flow = new Flow(socket, from, stream, () => flows.delete(key));
      flows.set(key, flow);
    }
    flow.send(message);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: door.address, port: door.port, exclusive: true }, () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve();
    });
  });
  return listener;
}

/** What one client and one target say to each other. */
class Flow {
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    socket: UdpSocket,
    from: RemoteInfo,
    private readonly stream: Promise<Duplex | undefined>,
    private readonly ended: () => void,
  ) {
    this.#stay();
    void stream.then((target) => {
      if (!target || this.#ended) {
        target?.destroy();
        this.end();
        return;
      }
      target.on('data', (answer: Buffer) => {
        this.#stay();
        socket.send(answer, from.port, from.address, () => {});
      });
      target.on('error', () => this.end());
      target.once('close', () => this.end());
    });
  }

  send(message: Buffer): void {
    this.#stay();
    void this.stream.then((target) => target?.write(message));
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.ended();
    void this.stream.then((target) => target?.destroy());
  }

  #stay(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), UDP_IDLE_MS);
    this.#timer.unref();
  }
}
