import { setImmediate as turn } from 'node:timers/promises';
import { RawClient } from '../testing/raw-client';
import type { Case } from './requests';

/** A connection that says nothing for this long, having answered, waits for more of us. */
const IDLE_MS = 80;
/** The server's own patience is far shorter in these tests. */
const SILENT_MS = 20_000;

export interface Delivered {
  case: Case;
  received: string;
  /** `silent`: neither an answer nor the end of the connection came. */
  end: 'closed' | 'idle' | 'silent';
}

/** Sends the pieces of a case over a connection of its own, and waits for what comes of it. */
export async function deliver(host: string, each: Case): Promise<Delivered> {
  const client = new RawClient(host);
  for (const piece of each.pieces) {
    if (!client.send(piece)) break;
    await turn();
  }
  const end = await outcome(client, each.unfinished ?? false);
  client.end();
  return { case: each, received: client.received, end };
}

function outcome(client: RawClient, mayStayOpen: boolean): Promise<Delivered['end']> {
  return new Promise((resolve) => {
    const silent = setTimeout(() => resolve(client.received === '' ? 'silent' : 'idle'), SILENT_MS);
    let idle: ReturnType<typeof setTimeout> | undefined;
    if (mayStayOpen) {
      client.socket.on('data', () => {
        clearTimeout(idle);
        idle = setTimeout(() => resolve('idle'), IDLE_MS);
      });
    }
    void client.closed.then(() => {
      clearTimeout(silent);
      clearTimeout(idle);
      resolve('closed');
    });
  });
}

/** Does `work` for every one, so many at a time. */
export async function inParallel<T, R>(all: readonly T[], width: number, work: (one: T) => Promise<R>) {
  const results: R[] = [];
  const queue = all.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const one of queue) results.push(await work(one));
    }),
  );
  return results;
}
