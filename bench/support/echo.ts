import { WebSocket } from 'ws';

export interface EchoTarget {
  url: string;
  headers: Record<string, string>;
  origin?: string;
  ca?: string;
}

/** A console's socket whose other end sends back what it gets: round trips of eight bytes. */
export class Echo {
  private readonly waiting: ((came: number) => void)[] = [];

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', () => this.waiting.shift()?.(performance.now()));
  }

  static async open({ url, headers, origin, ca }: EchoTarget): Promise<Echo> {
    const socket = new WebSocket(url, ['plain.kubevirt.io'], {
      headers,
      ...(origin ? { origin } : {}),
      ...(ca ? { ca } : {}),
      perMessageDeflate: false,
    });
    await new Promise<void>((resolve, reject) => {
      socket.on('open', () => resolve());
      socket.on('error', reject);
    });
    return new Echo(socket);
  }

  /** One after the other until the time is over; milliseconds each. An answer that is late makes the next one late. */
  async during(ms: number, everyMs = 2): Promise<number[]> {
    const trips: number[] = [];
    const end = performance.now() + ms;
    for (let due = performance.now(); due < end; due += everyMs) {
      const early = due - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      const from = performance.now();
      const came = await new Promise<number>((resolve) => {
        this.waiting.push(resolve);
        this.socket.send('12345678');
      });
      trips.push(came - from);
    }
    return trips;
  }

  /** Round trips until a piece of work is done. */
  async while(work: Promise<unknown>): Promise<number[]> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    const trips: number[] = [];
    while (!isDone) trips.push(...(await this.during(50)));
    await done;
    return trips;
  }

  close(): void {
    this.socket.terminate();
  }
}
