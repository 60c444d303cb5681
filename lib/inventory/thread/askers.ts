import { ApiError } from '@/lib/k8s/error';
import type { Asker, Clock } from '../transport';
import type { RemoteAsker } from './messages';

/** An asker that nobody holds is forgotten after this long without use; whoever keeps one uses it every minute. */
const KEPT_MS = 10 * 60_000;

interface Known<A> {
  asker: A;
  holders: number;
  usedAt: number;
}

/** The askers that the inventory's thread knows by handle: their credentials are here and nowhere else. */
export class Askers<A extends Asker> {
  private readonly known = new Map<number, Known<A>>();
  private readonly handles = new WeakMap<A, number>();
  private last = 0;
  private cancel: () => void = () => {};

  constructor(private readonly clock: Clock) {
    this.sweepLater();
  }

  get size(): number {
    return this.known.size;
  }

  /** What crosses to the inventory's thread in place of the asker. */
  remote(asker: A): RemoteAsker {
    let handle = this.handles.get(asker);
    if (handle === undefined || !this.known.has(handle)) {
      this.last += 1;
      handle = this.last;
      this.handles.set(asker, handle);
      this.known.set(handle, { asker, holders: 0, usedAt: 0 });
    }
    this.touch(handle);
    const { cluster, key, reader } = asker;
    return { ...nameOf({ cluster, key }), handle, ...(reader ? { reader: nameOf(reader) } : {}) };
  }

  /** @throws ApiError 401 when the handle is none. */
  get(handle: number): A {
    return this.touch(handle).asker;
  }

  /** Keeps an asker; the returned function, called once, lets it go. */
  hold(handle: number): () => void {
    const known = this.touch(handle);
    known.holders += 1;
    return () => {
      known.holders -= 1;
      known.usedAt = this.clock.now();
    };
  }

  close(): void {
    this.cancel();
    this.known.clear();
  }

  private touch(handle: number): Known<A> {
    const known = this.known.get(handle);
    const asked = { method: 'GET', path: '/' };
    if (!known) throw new ApiError(401, 'Unauthorized', 'Whoever asked is not there any more.', asked);
    known.usedAt = this.clock.now();
    return known;
  }

  private sweepLater(): void {
    this.cancel = this.clock.after(KEPT_MS, () => {
      const old = this.clock.now() - KEPT_MS;
      for (const [handle, { holders, usedAt }] of this.known) {
        if (holders === 0 && usedAt <= old) this.known.delete(handle);
      }
      this.sweepLater();
    });
  }
}

/** Nothing but names crosses: a viewer's cluster has secrets in it. */
function nameOf({ cluster, key }: Asker): Asker {
  return { cluster: { name: cluster.name }, key };
}
