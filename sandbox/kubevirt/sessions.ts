import type { Duplex } from 'node:stream';

/**
 * The one open stream per console. KubeVirt's rule: whoever comes last has it, and the one before is dropped without a
 * word; only a VNC client may ask to be turned away instead.
 */
export class Sessions {
  private readonly open = new Map<string, Duplex>();

  isOpen(key: string): boolean {
    return this.open.has(key);
  }

  /** Ends the sessions whose key begins with `prefix`: the node that carried them has nothing to send any more. */
  drop(prefix: string): void {
    for (const [key, stream] of this.open) if (key.startsWith(prefix)) stream.destroy();
  }

  /** Makes `stream` the session of `key` and ends the session before. */
  take(key: string, stream: Duplex): Duplex {
    this.open.get(key)?.destroy();
    this.open.set(key, stream);
    stream.once('close', () => {
      if (this.open.get(key) === stream) this.open.delete(key);
    });
    return stream;
  }
}
