import type { Duplex } from 'node:stream';
import { clock } from '../clock';
import type { VirtualMachineInstance } from '../controllers/types';

export type Stream = 'vnc' | 'console' | 'usbredir' | 'portforward';

interface Instance {
  namespace: string | undefined;
  name: string;
}

/** Counts the connections to instances that virt-api carries, and remembers when each instance had its last one. */
export class ConnectionLog {
  private readonly counts = new Map<string, Instance & { stream: Stream; count: number }>();
  private readonly latest = new Map<string, Instance & { atMs: number }>();

  /** Counts a connection until it closes, and hands it on. */
  carry({ metadata }: VirtualMachineInstance, stream: Stream, connection: Duplex): Duplex {
    const { namespace, name } = metadata;
    const instance = `${namespace}/${name}`;
    this.latest.set(instance, { namespace, name, atMs: clock.millis() });
    const key = `${instance}/${stream}`;
    const entry = this.counts.get(key) ?? { namespace, name, stream, count: 0 };
    entry.count += 1;
    this.counts.set(key, entry);
    connection.once('close', () => {
      entry.count -= 1;
    });
    return connection;
  }

  /** An instance that is gone has no last connection. */
  forget({ metadata }: VirtualMachineInstance): void {
    const instance = `${metadata.namespace}/${metadata.name}`;
    this.latest.delete(instance);
    for (const [key, { count }] of this.counts) {
      if (key.startsWith(`${instance}/`) && count === 0) this.counts.delete(key);
    }
  }

  /** How many are open, 0 for instances that had some. */
  open(): Iterable<Instance & { stream: Stream; count: number }> {
    return this.counts.values();
  }

  last(): Iterable<Instance & { atMs: number }> {
    return this.latest.values();
  }
}
