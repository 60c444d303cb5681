import type { ApiError } from '@/lib/k8s/error';
import type { VmQuery } from '@/lib/kinds/vm/query';
import type { VmRecord } from '@/lib/kinds/vm/row';
import type { LiveReading, LiveSource } from './live-source';
import type { Feed } from './protocol';
import type { Scope } from './reach';
import type { Lease, Startable } from './shared-pool';
import type { ViewerScope } from './viewer-scope';
import type { VmSource } from './vm-source';
import type { VmTable } from './vm-table';

/** The answer to a query of VMs. */
export type VmAnswer = LiveSource & Pick<VmSource, 'record' | 'named'>;

export interface SharedLists {
  /** What the reader sees of the whole cluster. */
  leaseWhole(): Lease<VmTable>;
  leaseScope(): Lease<ViewerScope>;
  /** The answer to the query for everybody of that scope. */
  leaseShared(scope: Scope): Lease<VmSource>;
  /** The answer by the viewer's own lists, for where the reader's cannot be used. */
  leaseOwn(): Lease<VmSource>;
}

interface Current {
  key: string;
  lease: Lease<VmSource>;
  stop: () => void;
}

const OWN = 'own';

/**
 * One viewer's answer to a query where a reader lists the cluster for all: shared with everybody who may see the same,
 * and another one as soon as their rights are.
 */
export class ViewerSource implements VmAnswer, Startable {
  private readonly whole: Lease<VmTable>;
  private readonly rights: Lease<ViewerScope>;
  private readonly listeners = new Set<() => void>();
  private current: Current | undefined;
  private stops: (() => void)[] = [];

  constructor(
    private readonly query: VmQuery,
    private readonly lists: SharedLists,
    private readonly known: readonly string[],
  ) {
    this.whole = lists.leaseWhole();
    this.rights = lists.leaseScope();
  }

  start(): void {
    const { value: rights } = this.rights;
    this.stops = [
      rights.want([...this.query.namespaces, ...this.known]),
      rights.onChange(() => this.tell()),
      this.whole.value.onChange((uids) => {
        // Of rows it hears through the answer that shows them.
        if (uids.length === 0 || this.isOwn() === this.whole.value.isReadable) this.tell();
      }),
    ];
    this.choose();
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.leave();
    this.rights.release();
    this.whole.release();
    this.listeners.clear();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  record(uid: string): VmRecord | undefined {
    return this.current?.lease.value.record(uid);
  }

  named(name: string): VmRecord | undefined {
    return this.current?.lease.value.named(name);
  }

  read(): LiveReading {
    if (this.current && this.isOwn()) return this.current.lease.value.read();
    const { over } = this.rights.value;
    if (over) return { loaded: false, feed: refused(over) };
    const hidden = this.hidden();
    if (hidden || !this.current) return { loaded: false, feed: hidden ?? { state: 'loading' } };
    const reading = this.current.lease.value.read();
    return { ...reading, feed: this.shown(reading.feed) };
  }

  /** Why there is nothing to show, if so. */
  private hidden(): Feed | undefined {
    const { scope, settled, refusal } = this.rights.value;
    if (!scope) return { state: 'loading' };
    if (scope.vms === 'all' || this.visible(scope).length > 0) return undefined;
    const { namespaces } = this.query;
    const isOpen =
      namespaces.length > 0 ? !namespaces.every((name) => this.rights.value.isKnown(name)) : !settled;
    if (isOpen) return { state: 'loading' };
    const [first] = namespaces;
    const words = first === undefined ? refusal : this.rights.value.refusalIn(first);
    return words ? refused(words) : { state: 'loading' };
  }

  private visible({ vms }: Scope): string[] {
    if (vms === 'all') return [];
    const { namespaces } = this.query;
    return namespaces.length > 0 ? namespaces.filter((name) => vms.has(name)) : [...vms].sort();
  }

  /** The state of the shared list as this viewer is told it: who sees a part hears nothing of the size of the whole. */
  private shown(feed: Feed): Feed {
    const { scope } = this.rights.value;
    if (!scope || scope.vms === 'all') return feed;
    if (feed.state === 'loading') return { state: 'loading' };
    if (feed.state === 'catching-up') return { state: 'catching-up', since: feed.since };
    if (feed.state !== 'live') return feed;
    const { namespaces } = this.query;
    const visible = this.visible(scope);
    const missing =
      namespaces.length > 0
        ? namespaces.filter((name) => !visible.includes(name))
        : this.rights.value.denied(this.known);
    return { ...feed, only: { namespaces: visible, denied: missing } };
  }

  private isOwn(): boolean {
    return this.current?.key === OWN;
  }

  private tell(): void {
    this.choose();
    for (const listener of [...this.listeners]) listener();
  }

  private choose(): void {
    const rights = this.rights.value;
    const { isReadable } = this.whole.value;
    if (!isReadable || rights.blind) this.follow(OWN, () => this.lists.leaseOwn());
    // The session is over: what was shown may stay, and nothing more comes.
    else if (rights.over) return;
    else if (!rights.scope || this.hidden()) this.leave();
    else {
      const { scope } = rights;
      this.follow(scope.key, () => this.lists.leaseShared(scope));
    }
  }

  private follow(key: string, take: () => Lease<VmSource>): void {
    if (this.current?.key === key) return;
    const lease = take();
    const stop = lease.value.onChange(() => {
      for (const listener of [...this.listeners]) listener();
    });
    // The one before goes last, so that what both use lives on.
    const { current: before } = this;
    this.current = { key, lease, stop };
    before?.stop();
    before?.lease.release();
  }

  private leave(): void {
    this.current?.stop();
    this.current?.lease.release();
    this.current = undefined;
  }
}

function refused(error: ApiError): Feed {
  return { state: 'refused', error: error.toJSON() };
}
