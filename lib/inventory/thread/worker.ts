import { parentPort } from 'node:worker_threads';
import { portOf } from './node-port';
import { serveInventory } from './serve-inventory';

// The entry of dist/inventory.mjs, which start-worker.ts runs as a thread.
if (!parentPort) throw new Error('This is the inventory’s thread; the server starts it.');
serveInventory(portOf(parentPort));
