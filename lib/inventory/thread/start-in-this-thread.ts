import { MessageChannel } from 'node:worker_threads';
import type { RunningThread } from './inventory-thread';
import { portOf } from './node-port';
import { serveInventory } from './serve-inventory';

/** The inventory without a thread of its own, over the same channel: for tests, which have no bundle to run. */
export function startInThisThread(): RunningThread {
  const { port1, port2 } = new MessageChannel();
  serveInventory(portOf(port2), { closed: () => port2.close() });
  return { port: portOf(port1), end: () => {} };
}
