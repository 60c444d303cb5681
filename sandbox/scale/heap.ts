import { spawn } from 'node:child_process';
import { getHeapStatistics } from 'node:v8';

const MIB = 2 ** 20;
/** Heap of the sandbox itself, with its schemas and what it keeps to answer watches and repeated reads. */
const FIXED_MIB = 1024;
/** What one generated machine takes with all that belongs to it, and as much again for work and garbage. */
const MIB_PER_MACHINE = 0.045;

/** MiB of heap that a generated cluster needs to run well. */
export function heapFor(vms: number): number {
  return Math.ceil(FIXED_MIB + vms * MIB_PER_MACHINE);
}

/**
 * Runs this very process again with a larger heap when the present one is too small: Node takes the size only on its
 * command line. Messages, signals and the end pass through. Returns whether somebody else now does the work.
 */
export function continueWithHeap(mebibytes: number): boolean {
  if (getHeapStatistics().heap_size_limit >= mebibytes * MIB) return false;
  const nodeArgs = process.execArgv.filter((argument) => !argument.startsWith('--max-old-space-size'));
  const [, script = '', ...args] = process.argv;
  // The channel makes the end of this process known there, even one that nobody could pass on.
  const own = args.includes('--with-parent') ? args : [...args, '--with-parent'];
  const child = spawn(process.execPath, [...nodeArgs, `--max-old-space-size=${mebibytes}`, script, ...own], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', (message) => {
    if (process.send) process.send(message);
    else if (isReady(message))
      console.log(`The sandbox answers at ${message.url}; its kubeconfig is ${message.kubeconfig}.`);
  });
  child.on('exit', (code, signal) => {
    if (signal) console.error(`The sandbox was ended by ${signal}.`);
    process.exit(code ?? 1);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  process.on('disconnect', () => child.disconnect());
  return true;
}

function isReady(message: unknown): message is { url: string; kubeconfig: string } {
  return typeof message === 'object' && message !== null && 'url' in message && 'kubeconfig' in message;
}
