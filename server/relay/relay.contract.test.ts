import { describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type RawAnswer, serverPerTest } from '../testing/harness';

const harness = serverPerTest();

describe('relay', () => {
  const cluster = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered][0] ?? false,
  });

  function openSocket(protocols: string[] = [], headers: Record<string, string> = {}): WebSocket {
    return new WebSocket(
      `${harness.url.replace('http', 'ws')}/apis/subresources.kubevirt.io/v1/x/vnc`,
      protocols,
      {
        headers,
      },
    );
  }

  const opened = (socket: WebSocket) => new Promise((resolve) => socket.once('open', resolve));
  const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', resolve));

  it('passes messages of any size both ways and echoes the sub-protocol', async () => {
    harness.fake.upgrade = (request, socket, head) =>
      cluster.handleUpgrade(request, socket, head, (peer) =>
        peer.on('message', (message, binary) => peer.send(message, { binary })),
      );
    const socket = openSocket(['plain.kubevirt.io', 'base64url.bearer.authorization.k8s.io.Zm9yZ2Vk'], {
      authorization: 'Bearer forged',
      origin: `http://${harness.host}`,
    });
    await opened(socket);
    expect(socket.protocol).toBe('plain.kubevirt.io');
    expect(harness.fake.seen.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer danas-token',
      'sec-websocket-protocol': 'plain.kubevirt.io',
      origin: harness.fake.url,
    });
    for (const size of [1, 200, 70_000, 3_000_000]) {
      const sent = Buffer.alloc(size, size % 251);
      const received = new Promise<Buffer>((resolve) =>
        socket.once('message', (it) => resolve(it as Buffer)),
      );
      socket.send(sent);
      expect((await received).equals(sent)).toBe(true);
    }
    socket.close(1000);
    expect(await closed(socket)).toBe(1000);
  });

  it('pings from its side without cutting frames, and does not read ahead of a slow client', async () => {
    let sent = 0;
    let peer: WebSocket | undefined;
    const chunk = Buffer.alloc(256 * 1024, 7);
    const total = 64 * 1024 * 1024;
    harness.fake.upgrade = (request, socket, head) =>
      cluster.handleUpgrade(request, socket, head, (it) => {
        peer = it;
        const pump = () => {
          while (sent < total && it.bufferedAmount < 1024 * 1024) {
            it.send(chunk);
            sent += chunk.length;
          }
          if (sent < total) setTimeout(pump, 5);
        };
        pump();
      });
    const socket = openSocket();
    let received = 0;
    let pings = 0;
    socket.on('ping', () => {
      pings += 1;
    });
    socket.on('message', (message: Buffer) => {
      received += message.length;
    });
    await opened(socket);
    socket.pause();
    let before = -1;
    // The sender stops once the buffers between are full.
    await vi.waitFor(
      () => {
        const stalled = sent === before;
        before = sent;
        expect(stalled).toBe(true);
      },
      { interval: 300, timeout: 20_000 },
    );
    expect(sent).toBeLessThan(total / 2);
    socket.resume();
    await vi.waitFor(() => expect(received).toBe(total), { timeout: 30_000 });
    await vi.waitFor(() => expect(pings).toBeGreaterThan(0), { timeout: 5_000 });
    peer?.close(1000);
    await closed(socket);
  });

  it("answers a refused handshake with the cluster's own status and words", async () => {
    harness.fake.upgrade = (_, socket) =>
      socket.end(
        'HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n' +
          '1a\r\n{"message":"no such guest"}\r\n0\r\n\r\n'.replace('1a', '1b'),
      );
    const { status, body } = await new Promise<RawAnswer>((resolve) => {
      const socket = openSocket();
      socket.on('unexpected-response', (_, response) => {
        let text = '';
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      socket.on('error', () => undefined);
    });
    expect({ status, body }).toEqual({ status: 404, body: '{"message":"no such guest"}' });
  });

  it('refuses upgrades from foreign origins and hosts before the cluster hears of them', async () => {
    const foreign: Record<string, string>[] = [
      { origin: 'http://evil.example' },
      { host: 'evil.example' },
      { 'user-agent': 'Mozilla/5.0' },
    ];
    for (const headers of foreign) {
      const status = await new Promise<number>((resolve) => {
        const socket = openSocket([], headers);
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
        socket.on('error', () => undefined);
      });
      expect(status).toBe(403);
    }
    expect(harness.fake.seen).toHaveLength(0);
  });

  it('closes the other side when one side goes away without a word', async () => {
    let peerClosed = false;
    harness.fake.upgrade = (request, socket, head) =>
      cluster.handleUpgrade(request, socket, head, (peer) => {
        peer.on('close', () => {
          peerClosed = true;
        });
        peer.on('message', () => socket.destroy());
      });
    const first = openSocket();
    await opened(first);
    first.terminate();
    await vi.waitFor(() => expect(peerClosed).toBe(true));
    const second = openSocket();
    await opened(second);
    second.send('die');
    expect(await closed(second)).toBe(1006);
  });

  it('tells its clients that it stops', async () => {
    harness.fake.upgrade = (request, socket, head) =>
      cluster.handleUpgrade(request, socket, head, () => undefined);
    const socket = openSocket();
    await opened(socket);
    const code = closed(socket);
    await harness.server.close(500);
    expect(await code).toBe(1001);
  });
});
