import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';

const BLOCK_CHARACTERS = 256 * 1024;

interface Item {
  metadata: { annotations?: Record<string, string> };
}

/** What a server cannot be quicker than: the same objects from an array, by JSON.stringify, over plain HTTP. */
export interface Floor {
  url: string;
  stop(): Promise<void>;
}

/** Starts the floor in a thread of its own: `script` is the calling module, which runs `serveFloor` there. */
export async function startFloor(script: string, items: unknown[]): Promise<Floor> {
  const worker = new Worker(new URL(script), { workerData: { floor: items } });
  const url = await new Promise<string>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return {
    url,
    async stop() {
      await worker.terminate();
    },
  };
}

/** GET / is the list, GET /watch a stream of changes, PATCH / changes the item that the body names by its index. */
export function serveFloor(items: Item[], ready: (url: string) => void): void {
  const watchers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    if (request.method === 'PATCH') {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        const { index, annotations } = JSON.parse(body) as {
          index: number;
          annotations: Record<string, string>;
        };
        const item = items[index] ?? { metadata: {} };
        const next = { ...item, metadata: { ...item.metadata, annotations } };
        items[index] = next;
        const text = JSON.stringify(next);
        response.end(text);
        for (const watcher of watchers) watcher.write(`{"type":"MODIFIED","object":${text}}\n`);
      });
    } else if (request.url === '/watch') {
      watchers.add(response);
      response.flushHeaders();
    } else void writeList(response, items);
  });
  server.listen(0, '127.0.0.1', () => ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
}

async function writeList(response: ServerResponse, items: readonly Item[]): Promise<void> {
  let block = '{"items":[';
  for (const [index, item] of items.entries()) {
    block += index === 0 ? JSON.stringify(item) : `,${JSON.stringify(item)}`;
    if (block.length < BLOCK_CHARACTERS) continue;
    if (!response.write(block)) await new Promise((resolve) => response.once('drain', resolve));
    block = '';
  }
  response.end(`${block}]}`);
}
