import type { AccessAnswer, AccessCheck } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import { RESOURCES } from '@/lib/kinds/resources';
import { type Reach, type Scope, scopeOf } from './reach';
import type { Startable } from './shared-pool';
import type { Clock } from './transport';

/** With the time that a look takes, a change of rights shows within 30 s. */
const LOOK_EVERY_MS = 20_000;
/** Looks come up to this part of the time earlier, so that they do not all come at once. */
const SPREAD = 0.2;
/** VMs came into a namespace that was not asked about. */
const LOOK_SOON_MS = 300;
/** Fewer than AccessReviews lets run for one viewer, so that the buttons of their pages do not wait behind these. */
const AT_ONCE = 4;
/** Namespaces in which nothing may be seen: each is asked about once, then this many with each look, in turn. */
const MAX_CLOSED_A_LOOK = 500;
/** Namespaces that one viewer is shown who may not list all; each costs up to three reviews a look. */
const MAX_OPEN = 500;

const { virtualMachines, virtualMachineInstances } = RESOURCES;
const listing = ({ group, plural }: { group: string; plural: string }): AccessCheck => ({
  verb: 'list',
  group,
  resource: plural,
});
const CHECKS = {
  vms: listing(virtualMachines),
  vmis: listing(virtualMachineInstances),
  usage: listing({ group: 'metrics.k8s.io', plural: 'pods' }),
};
type Part = keyof typeof CHECKS;
const PARTS: readonly Part[] = ['vms', 'vmis', 'usage'];

/** Namespaces that may be asked about, and news of others. */
export interface Candidates {
  names(): Iterable<string>;
  /** Whether all are there that will be. */
  readonly settled: boolean;
  onNew(listener: () => void): () => void;
}

export interface ScopeSources {
  /** Asks the cluster anew, with the viewer's own credentials. @throws ApiError 401 when their session is over. */
  may(check: AccessCheck): Promise<AccessAnswer>;
  /** The cluster's words when the viewer lists VMs there, all or of a namespace; undefined when it lets them. */
  refusal(namespace?: string): Promise<ApiError | undefined>;
  candidates: Candidates;
  /** Tells at once that the session is over; the returned function ends that. */
  hold(over: (error: ApiError) => void): () => void;
  /** Lets go of what the candidates come from. */
  release(): void;
}

type Verdict = Record<Part, boolean> & { askedAt: number };

/**
 * What one viewer may see of a cluster's lists, asked again and again. While nothing is known there is no scope; an
 * answer that does not come changes nothing. List is what is asked for and watch is not: a live row tells nothing that a
 * list at that moment would not tell.
 */
export class ViewerScope implements Startable {
  /** Undefined until the cluster has answered. */
  scope: Scope | undefined;
  /** The session is over: what was shown stays as last known. */
  over: ApiError | undefined;
  /** The cluster gives no verdicts, so that only its own refusals can tell. */
  blind = false;
  /** Why the VMs of all namespaces may not be listed, in the API's words. */
  refusal: ApiError | undefined;
  private wide: Record<Part, boolean> | undefined;
  private readonly verdicts = new Map<string, Verdict>();
  /** Those that somebody named, with how many do. */
  private readonly wanted = new Map<string, number>();
  private readonly refusals = new Map<string, ApiError>();
  /** Of which the words are under way. */
  private readonly asked = new Set<string>();
  private readonly seen = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private cancel: () => void = () => {};
  private stops: (() => void)[] = [];
  private looking = false;
  private again = false;
  private stopped = false;

  constructor(
    private readonly sources: ScopeSources,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.stops = [
      this.sources.candidates.onNew(() => this.lookSoon()),
      this.sources.hold((error) => this.end(error)),
    ];
    void this.look();
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
    for (const stop of this.stops) stop();
    this.sources.release();
    this.listeners.clear();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Namespaces that were named: in a query, or remembered by a browser. The returned function takes that back. */
  want(namespaces: readonly string[]): () => void {
    for (const name of namespaces) this.wanted.set(name, (this.wanted.get(name) ?? 0) + 1);
    if (namespaces.some((name) => !this.verdicts.has(name))) this.lookSoon(0);
    return () => {
      for (const name of namespaces) {
        const left = (this.wanted.get(name) ?? 0) - 1;
        if (left > 0) this.wanted.set(name, left);
        else this.wanted.delete(name);
      }
    };
  }

  /** Of those that were named, or shown before: where nothing may be listed now. Never others, whose names are secret. */
  denied(named: readonly string[]): string[] {
    const vms = this.scope?.vms;
    if (!vms || vms === 'all') return [];
    return [...new Set([...named, ...this.seen])]
      .filter((name) => !vms.has(name) && this.verdicts.has(name))
      .sort();
  }

  /** Whether a namespace was asked about, or need not be. */
  isKnown(namespace: string): boolean {
    return this.wide?.vms === true || this.verdicts.has(namespace);
  }

  /** Whether more namespaces may turn up at once. */
  get settled(): boolean {
    if (!this.scope) return false;
    return this.scope.vms === 'all' || (this.sources.candidates.settled && this.unasked().length === 0);
  }

  /** Why the VMs of a namespace may not be listed, in the API's words; undefined until it has said them. */
  refusalIn(namespace: string): ApiError | undefined {
    const known = this.refusals.get(namespace);
    if (!known && !this.asked.has(namespace)) {
      this.asked.add(namespace);
      void this.learnRefusal(namespace);
    }
    return known;
  }

  /** Looks at once whether a session that was over goes on: its token may have been renewed. */
  retrySession(): void {
    if (this.over) void this.look();
  }

  private lookSoon(ms = LOOK_SOON_MS): void {
    if (this.stopped || (this.wide?.vms && this.wide.vmis && this.wide.usage)) return;
    this.cancel();
    this.cancel = this.clock.after(ms, () => void this.look());
  }

  private async learnRefusal(namespace: string): Promise<void> {
    try {
      const error = await this.sources.refusal(namespace);
      if (error) this.refusals.set(namespace, error);
      else this.lookSoon(0);
    } catch (cause) {
      if (isUnauthorized(cause)) this.end(cause);
    }
    this.asked.delete(namespace);
    if (!this.stopped) this.tell();
  }

  private async look(): Promise<void> {
    if (this.stopped) return;
    this.cancel();
    if (this.looking) {
      this.again = true;
      return;
    }
    this.looking = true;
    this.again = false;
    const next = this.clock.now() + LOOK_EVERY_MS * (1 - SPREAD * this.clock.random());
    try {
      await this.ask();
    } catch (cause) {
      if (isUnauthorized(cause)) this.end(cause);
    }
    this.looking = false;
    if (this.stopped) return;
    const isMore = this.again || (this.wide !== undefined && !this.over && this.unasked().length > 0);
    this.cancel = this.clock.after(isMore ? 0 : Math.max(0, next - this.clock.now()), () => void this.look());
  }

  private async ask(): Promise<void> {
    const before = this.wide;
    const answers = await Promise.all(PARTS.map((part) => this.allowed(CHECKS[part], before?.[part])));
    if (answers[0] === undefined) {
      this.blind = this.scope === undefined;
      this.tell();
      return;
    }
    const [vms, vmis = false, usage = false] = answers;
    const wide = { vms, vmis, usage };
    // The API has the last word, and the words.
    if (!vms && (before?.vms !== false || this.refusal?.code !== 403)) {
      this.refusal = await this.sources.refusal();
      wide.vms = this.refusal === undefined;
    } else if (vms) this.refusal = undefined;
    this.wide = wide;
    this.blind = false;
    this.over = undefined;
    if (wide.vms && wide.vmis && wide.usage) this.verdicts.clear();
    else await this.askInTurn(wide);
    this.publish(wide);
  }

  private async askInTurn(wide: Record<Part, boolean>): Promise<void> {
    const names = this.inTurn()[Symbol.iterator]();
    const askOne = async () => {
      for (const name of names) {
        if (this.stopped) return;
        this.verdicts.set(name, await this.askIn(name, wide));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, askOne));
  }

  private async askIn(namespace: string, wide: Record<Part, boolean>): Promise<Verdict> {
    const before = this.verdicts.get(namespace);
    const verdict: Verdict = { vms: wide.vms, vmis: wide.vmis, usage: wide.usage, askedAt: this.clock.now() };
    for (const part of PARTS) {
      if (wide[part]) continue;
      // What a VM's parts tell is asked where VMs may be seen.
      if (part !== 'vms' && !verdict.vms) continue;
      verdict[part] = (await this.allowed({ ...CHECKS[part], namespace }, before?.[part])) ?? false;
    }
    return verdict;
  }

  /** Undefined when there is neither a verdict now nor one from before. @throws ApiError 401 when the session is over. */
  private async allowed(check: AccessCheck, before: boolean | undefined): Promise<boolean | undefined> {
    try {
      const { allowed, unknown } = await this.sources.may(check);
      return unknown ? before : allowed;
    } catch (cause) {
      if (isUnauthorized(cause)) throw cause;
      return before;
    }
  }

  /** Whom to ask about now: what is shown, what never was asked, and some of what was closed, the longest ago first. */
  private inTurn(): string[] {
    const names = this.candidates();
    for (const name of this.verdicts.keys()) if (!names.has(name)) this.verdicts.delete(name);
    const open = this.open();
    const isOpen = new Set(open);
    const askedAt = (name: string) => this.verdicts.get(name)?.askedAt ?? 0;
    // The sort is stable, so those that were named come first.
    const others = [...names].filter((name) => !isOpen.has(name)).sort((a, b) => askedAt(a) - askedAt(b));
    return [...open, ...others.slice(0, MAX_CLOSED_A_LOOK)];
  }

  /** Those that are shown: all of them are asked about with every look. */
  private open(): string[] {
    const open = [...this.verdicts].filter(([, { vms }]) => vms).map(([name]) => name);
    return open.sort().slice(0, MAX_OPEN);
  }

  private candidates(): Set<string> {
    return new Set([...this.wanted.keys(), ...this.sources.candidates.names()]);
  }

  private unasked(): string[] {
    if (this.wide?.vms && this.wide.vmis && this.wide.usage) return [];
    return [...this.candidates()].filter((name) => !this.verdicts.has(name));
  }

  private publish(wide: Record<Part, boolean>): void {
    const open = this.open();
    const reach = (part: Part): Reach =>
      wide[part] ? 'all' : new Set(open.filter((name) => this.verdicts.get(name)?.[part]));
    this.scope = scopeOf(reach('vms'), reach('vmis'), reach('usage'));
    if (this.scope.vms !== 'all') {
      for (const name of this.scope.vms) {
        this.seen.add(name);
        this.refusals.delete(name);
      }
    }
    this.tell();
  }

  private end(error: ApiError): void {
    this.over = error;
    this.tell();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

/** The session is over; or a program's token is, which nobody renews. */
function isUnauthorized(cause: unknown): cause is ApiError {
  return cause instanceof ApiError && cause.code === 401;
}
