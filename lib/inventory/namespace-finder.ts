import type { AccessAnswer } from '@/lib/k8s/access';
import type { ResourceFeed } from './resource-feed';
import type { Lease, Startable } from './shared-pool';
import type { Clock } from './transport';

/** A role in another namespace is noticed within this time and that of the answers, 30 s in all. Those that were found are watched: they tell by themselves. */
const LOOK_EVERY_MS = 20_000;
/** Each costs a review. */
const MAX_LOOKED_AT = 300;

/** Where candidates come from. */
export interface NamespaceSources {
  /** Those that the asker has named before. */
  known: string[];
  leaseNamespaces(): Lease<ResourceFeed>;
  /** OpenShift shows everybody the projects that they have a role in. */
  leaseProjects(): Lease<ResourceFeed>;
  /** Whether the asker may see VMs in a namespace. */
  may(namespace: string): Promise<AccessAnswer>;
}

/**
 * Finds the namespaces in which somebody may list VMs who may not list those of the whole cluster: the API does not say,
 * so namespaces (or projects) are listed where that is allowed, and a review is asked for each.
 */
export class NamespaceFinder implements Startable {
  /** In alphabetical order; never changed in place. */
  allowed: string[] = [];
  /** Those of `known` in which VMs may not be listed. */
  denied: string[] = [];
  /** Whether the answers are there. */
  settled = false;
  private readonly namespaces: Lease<ResourceFeed>;
  private projects: Lease<ResourceFeed> | undefined;
  private readonly stops: (() => void)[] = [];
  private readonly listeners = new Set<() => void>();
  private round = 0;
  private cancel: () => void = () => {};

  constructor(
    private readonly sources: NamespaceSources,
    private readonly clock: Clock,
  ) {
    this.namespaces = sources.leaseNamespaces();
  }

  start(): void {
    this.stops.push(this.namespaces.value.onChange(() => this.consider()));
    this.consider();
  }

  stop(): void {
    this.cancel();
    this.round += 1;
    for (const stop of this.stops) stop();
    this.namespaces.release();
    this.projects?.release();
    this.listeners.clear();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private consider(): void {
    const { state } = this.namespaces.value.state;
    if (state === 'refused' && !this.projects) {
      this.projects = this.sources.leaseProjects();
      this.stops.push(this.projects.value.onChange(() => this.consider()));
    }
    const feed = (this.projects ?? this.namespaces).value;
    const listed = [...feed.values()].map(({ metadata }) => metadata.name).sort();
    if (feed.state.state === 'loading' && listed.length === 0 && this.sources.known.length === 0) return;
    void this.review([...new Set([...this.sources.known, ...listed])].slice(0, MAX_LOOKED_AT), feed);
  }

  private async review(candidates: string[], feed: ResourceFeed): Promise<void> {
    this.round += 1;
    const { round } = this;
    this.cancel();
    this.cancel = this.clock.after(LOOK_EVERY_MS, () => this.consider());
    const answers = await Promise.all(candidates.map((namespace) => this.ask(namespace)));
    if (round !== this.round) return;
    const allowed = candidates.filter((_, index) => answers[index]).sort();
    const denied = this.sources.known.filter((namespace) => !allowed.includes(namespace));
    const settled = feed.state.state !== 'loading' || allowed.length > 0;
    const isSame = settled === this.settled && isEqual(allowed, this.allowed) && isEqual(denied, this.denied);
    if (isSame) return;
    this.allowed = allowed;
    this.denied = denied;
    this.settled = settled;
    for (const listener of [...this.listeners]) listener();
  }

  /** Without a verdict it stays as it was. */
  private async ask(namespace: string): Promise<boolean> {
    try {
      const { allowed, unknown } = await this.sources.may(namespace);
      return unknown ? this.allowed.includes(namespace) : allowed;
    } catch {
      return this.allowed.includes(namespace);
    }
  }
}

function isEqual(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}
