import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiServer } from './api-server';
import { Generator, type Load } from './generator';

/** What a measurement tells the API; each is a POST of JSON to the control port. */
export type Order =
  | { do: 'load'; load: Load }
  /** Breaks all watches off. */
  | { do: 'drop' }
  /** All watches hear 410, and nothing can be resumed. */
  | { do: 'expire' }
  /** Refuses connections for so long. */
  | { do: 'restart'; ms: number }
  /** Answers with the counters and how many events were made. */
  | { do: 'count' }
  /** Answers with the marks of watched VMs since the load began. */
  | { do: 'sent' };

/** Carries orders out. */
export class Control {
  readonly generator: Generator;

  constructor(
    private readonly api: ApiServer,
    seed: number,
  ) {
    this.generator = new Generator(api.estate, seed);
  }

  async obey(order: Order): Promise<unknown> {
    const { api, generator } = this;
    if (order.do === 'load') generator.start(order.load);
    else if (order.do === 'drop') api.watches.drop();
    else if (order.do === 'expire') api.watches.expireAll();
    else if (order.do === 'restart') await api.restart(order.ms);
    else if (order.do === 'count')
      return { ...api.counters, made: generator.made, version: api.estate.version };
    else return generator.sent;
    return {};
  }

  /** Takes orders over a loopback port. */
  async listen(): Promise<{ url: string; server: Server }> {
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += String(chunk);
      });
      // Only the measurement knows the port, and speaks in whole orders.
      request.on('end', () =>
        this.obey(JSON.parse(text) as Order).then(
          (answer) => response.end(JSON.stringify(answer)),
          (cause: unknown) => response.writeHead(500).end(String(cause)),
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
  }

  close(): void {
    this.generator.stop();
    this.api.watches.close();
  }
}
