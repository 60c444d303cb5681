import { connect, type Socket } from 'node:net';

/** Opens a connection and writes bytes as they stand; what comes back can be waited for. */
export class RawClient {
  readonly socket: Socket;
  received = '';
  /** Comes true when the server has ended the connection. */
  readonly closed: Promise<void>;

  /** @param host name and port */
  constructor(host: string) {
    const [hostname, port] = host.split(':');
    this.socket = connect(Number(port), hostname);
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => {
      this.received += text;
    });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  /** Sends bytes (one per character) and answers whether the connection still takes more. */
  send(text: string): boolean {
    return !this.socket.destroyed && this.socket.write(text, 'latin1');
  }

  /** The status codes of all answers so far, in order. */
  get codes(): number[] {
    return [...this.received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, code]) => Number(code));
  }

  end(): void {
    this.socket.destroy();
  }
}
