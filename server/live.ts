import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Viewer } from '@/lib/auth/viewer';
import type { InventoryThread } from '@/lib/inventory/thread/inventory-thread';
import type { Visitor } from './auth/visitor';

export const LIVE_PATH = '/api/live';
const MAX_MESSAGE_BYTES = 64 * 1024;

/** The `/api/live` sockets: one session each. */
export class LiveSockets {
  private readonly server = new WebSocketServer({
    noServer: true,
    // Rows are small and local; compression would cost a context of 300 KB per tab.
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  private readonly silent = new WeakSet<WebSocket>();
  private readonly pings: ReturnType<typeof setInterval>;

  constructor(
    private readonly inventory: Pick<InventoryThread<Viewer>, 'open'>,
    pingEveryMs: number,
  ) {
    this.pings = setInterval(() => this.ping(), pingEveryMs).unref();
  }

  get open(): number {
    return this.server.clients.size;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, visitor: Visitor): void {
    this.server.handleUpgrade(request, socket, head, (client) => {
      const session = this.inventory.open({
        asker: (cluster) => visitor.viewer(cluster),
        send: (data) => client.send(data, { binary: false }),
        buffered: () => client.bufferedAmount,
        close: (code, reason) => client.close(code, reason),
      });
      client.on('message', (message, isBinary) => {
        if (isBinary) client.close(1003, 'The live protocol is text.');
        else session.receive(String(message));
      });
      client.on('pong', () => this.silent.delete(client));
      client.on('error', () => client.terminate());
      client.on('close', () => session.close());
    });
  }

  /** Tells every tab that the server goes away, so that it reconnects. */
  close(): void {
    clearInterval(this.pings);
    for (const client of this.server.clients) client.close(1001, 'The server stops.');
  }

  terminate(): void {
    for (const client of this.server.clients) client.terminate();
  }

  private ping(): void {
    for (const client of this.server.clients) {
      if (this.silent.has(client)) client.terminate();
      else {
        this.silent.add(client);
        client.ping();
      }
    }
  }
}
