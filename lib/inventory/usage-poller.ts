import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { resourcePath } from '@/lib/k8s/resource';
import { type PodMetrics, usageOfPod } from '@/lib/kinds/pod-metrics';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VmUsage } from '@/lib/kinds/vm/row';
import { readItems } from './list-items';
import type { Startable } from './shared-pool';
import type { ApiTransport, Asker, Clock } from './transport';
import { readBody } from './watch-events';

const POLL_MS = 30_000;
/** A cluster without metrics, or one that refuses them, is asked again now and then: both can change. */
const ABSENT_MS = 120_000;
/** So many failures in a row, and what was measured is too old to be called usage. */
const FAILURES_KEPT = 3;
const LAUNCHERS = 'kubevirt.io=virt-launcher';

export type UsageState =
  | { state: 'loading' | 'measured' }
  /** 404: the cluster has no metrics API. 403: the asker may not list pods there. 401: the session is over. */
  | { state: 'absent' | 'refused' | 'failing'; error: ApiErrorJson };

export interface UsageScope<A extends Asker = Asker> {
  asker: A;
  /** All namespaces without. */
  namespace?: string | undefined;
}

/**
 * What the VMs of a cluster or a namespace use, by metrics.k8s.io: asked every 30 s while it runs, since that API
 * cannot be watched. Where there is no such API, or no right to it, it is quiet and knows nothing.
 */
export class UsagePoller<A extends Asker = Asker> implements Startable {
  /** By `namespace/name` of the VM. Never changed in place. */
  usage: ReadonlyMap<string, VmUsage> = new Map();
  state: UsageState = { state: 'loading' };
  private readonly listeners = new Set<() => void>();
  private readonly abort = new AbortController();
  private cancel: () => void = () => {};
  private failures = 0;

  constructor(
    readonly scope: UsageScope<A>,
    private readonly transport: ApiTransport<A>,
    private readonly clock: Clock,
  ) {}

  start(): void {
    void this.poll();
  }

  stop(): void {
    this.abort.abort();
    this.cancel();
    this.listeners.clear();
  }

  /** Tells that another usage, or another state, is there. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Asks at once where the session was over: its token may have been renewed. */
  retrySession(): void {
    if (this.state.state !== 'refused' || this.state.error.code !== 401) return;
    this.cancel();
    void this.poll();
  }

  private async poll(): Promise<void> {
    const path = `${resourcePath(RESOURCES.podMetrics, this.scope.namespace)}?${new URLSearchParams({ labelSelector: LAUNCHERS })}`;
    let next = POLL_MS;
    try {
      const usage = await this.read(path);
      this.failures = 0;
      this.set({ state: 'measured' }, usage);
    } catch (cause) {
      if (this.abort.signal.aborted) return;
      const error = cause instanceof ApiError ? cause : unreadable(cause, path);
      const state = stateOf(error);
      if (state !== 'failing') next = ABSENT_MS;
      this.failures += 1;
      const keeps = state === 'failing' && this.failures < FAILURES_KEPT;
      this.set({ state, error: error.toJSON() }, keeps ? this.usage : new Map());
    }
    if (!this.abort.signal.aborted) this.cancel = this.clock.after(next, () => void this.poll());
  }

  private async read(path: string): Promise<Map<string, VmUsage>> {
    const { signal } = this.abort;
    const { status, body } = await this.transport.get(this.scope.asker, path, { signal, streaming: false });
    if (status !== 200) await readBody(status, body, path);
    const usage = new Map<string, VmUsage>();
    for await (const pods of readItems<PodMetrics>(body)) {
      for (const pod of pods) {
        const found = usageOfPod(pod);
        if (!found) continue;
        const other = usage.get(found.vm);
        // While a VM migrates it has two launchers, and one of them only waits.
        usage.set(found.vm, other ? largerOf(other, found.usage) : found.usage);
      }
    }
    return usage;
  }

  private set(state: UsageState, usage: ReadonlyMap<string, VmUsage>): void {
    if (this.abort.signal.aborted) return;
    this.state = state;
    this.usage = usage;
    for (const listener of [...this.listeners]) listener();
  }
}

function stateOf({ code }: ApiError): 'absent' | 'refused' | 'failing' {
  if (code === 404 || code === 405) return 'absent';
  return code === 401 || code === 403 ? 'refused' : 'failing';
}

function unreadable(cause: unknown, path: string): ApiError {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new ApiError(0, 'Unreachable', words, { method: 'GET', path });
}

function largerOf(a: VmUsage, b: VmUsage): VmUsage {
  return {
    cpuCores: Math.max(a.cpuCores, b.cpuCores),
    memoryBytes: Math.max(a.memoryBytes, b.memoryBytes),
  };
}
