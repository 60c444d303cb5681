import { Worker } from 'node:worker_threads';
import type { RunningThread } from './inventory-thread';
import { portOf } from './node-port';

/** Starts the bundled worker (dist/inventory.mjs) as the inventory's thread. */
export function startWorker(file: URL, died: (cause: unknown) => void): RunningThread {
  const worker = new Worker(file, { name: 'inventory' });
  let cause: unknown;
  worker.on('error', (error) => {
    cause = error;
  });
  worker.on('exit', (code) => died(cause ?? new Error(`It ended with code ${code}.`)));
  return { port: portOf(worker), end: () => void worker.terminate() };
}
