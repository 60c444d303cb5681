import { rmSync } from 'node:fs';
import path from 'node:path';
import { WebSocket } from 'ws';
import { smallVm, VMS } from '@/e2e/manifests/vm';
import { Cluster } from '@/e2e/support/cluster';
import { launchConsole } from '@/e2e/support/launch';
import type { ClientMessage, ServerMessage } from '@/lib/inventory/protocol';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';

const ROUNDS = 30;
const NAMESPACE = 'default';

/**
 * How long a change made past the console takes to reach an open VM list. The floor is the same write itself, timed in
 * the same run: what remains is the watch, the projection and the batching.
 */
export async function measure(): Promise<void> {
  const directory = path.resolve('.cache/bench/live');
  rmSync(directory, { recursive: true, force: true });
  const console = await launchConsole(directory, {
    PORTLIGHT_SANDBOX_EMPTY: '1',
    PORTLIGHT_SANDBOX_GUESTS: 'off',
  });
  try {
    const cluster = new Cluster(console.kubeconfig);
    const list = await openList(console.url, cluster.name);
    const writes: number[] = [];
    const arrivals: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `vm-${round}`;
      const from = performance.now();
      const arrived = list.arrivalOf(name);
      await cluster.create(VMS(NAMESPACE), smallVm(NAMESPACE, name, { runStrategy: 'Halted' }));
      writes.push(performance.now() - from);
      arrivals.push((await arrived) - from);
    }
    list.close();
    const [write, arrival] = [median(writes), median(arrivals)];
    const slowest = Math.max(...arrivals);
    globalThis.console.log(`write: ${write.toFixed(1)} ms`);
    globalThis.console.log(
      `row in an open list: ${arrival.toFixed(1)} ms after the write began, ${(arrival / write).toFixed(1)} × the write; slowest ${slowest.toFixed(1)} ms`,
    );
  } finally {
    await console.stop();
  }
}

/** A VM list as a browser tab has it open. `arrivalOf` resolves to the time at which a VM's row arrives. */
async function openList(url: string, cluster: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/live`, { origin: url });
  const waiting = new Map<string, (time: number) => void>();
  const ready = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      const subscribe: ClientMessage = {
        type: 'subscribe',
        id: 'list',
        cluster,
        subscription: { kind: 'vms', query: DEFAULT_VM_QUERY },
      };
      socket.send(JSON.stringify(subscribe));
    });
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as ServerMessage;
      if (message.type === 'vms') resolve();
      if (message.type !== 'vms-delta') return;
      for (const { name } of message.upserts) {
        waiting.get(name)?.(performance.now());
        waiting.delete(name);
      }
    });
  });
  await ready;
  return {
    arrivalOf: (name: string) => new Promise<number>((resolve) => waiting.set(name, resolve)),
    close: () => socket.close(),
  };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
