import { createSocket, type Socket } from 'node:dgram';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterApi } from '../api/objects';
import { resolve } from './cluster-names';
import { readQuestion, writeAnswer } from './dns-message';

const HOST = '127.0.0.1';

/** The cluster's names for programs of the host: UDP on the loopback interface, on a port that stays. */
export class DnsServer {
  private constructor(
    readonly port: number,
    private readonly socket: Socket,
  ) {}

  /** `directory` is the sandbox's state: the file `dns` in it says where the server listens. */
  static async start(cluster: ClusterApi, directory: string): Promise<DnsServer> {
    const file = path.join(directory, 'dns');
    const before = Number((await readFile(file, 'utf8').catch(() => '')).trim().split(':')[1]);
    const socket = (before > 0 ? await bound(before) : undefined) ?? (await bound(0));
    if (!socket) throw new Error('No UDP port is free on 127.0.0.1 for the cluster’s names.');
    const { port } = socket.address();
    await writeFile(file, `${HOST}:${port}\n`);
    socket.on('message', (message, from) => {
      const question = readQuestion(message);
      if (!question) return;
      socket.send(writeAnswer(question, resolve(cluster, question)), from.port, from.address, () => {});
    });
    socket.on('error', () => {});
    return new DnsServer(port, socket);
  }

  close(): void {
    this.socket.close();
  }
}

function bound(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  return new Promise((done) => {
    socket.once('error', () => {
      socket.close();
      done(undefined);
    });
    socket.bind(port, HOST, () => {
      socket.removeAllListeners('error');
      done(socket);
    });
  });
}
