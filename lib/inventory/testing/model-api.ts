import type { K8sObject } from '@/lib/k8s/object';
import type { ApiAnswer, ApiTransport, Asker, GetOptions } from '../transport';
import { FakeWatch } from './fake-api';

interface Event {
  version: number;
  plural: string;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: K8sObject;
}

/** What a list token stands for: a state of the past, and how much of it was read. */
interface Token {
  version: number;
  from: number;
}

const PAGE = 7;

/**
 * A cluster with a history: lists in pages of one state, watches from any version that it still remembers, 410 for
 * others. Tokens are as long-lived as the history. It does to watches what networks and proxies do.
 */
export class ModelApi implements ApiTransport {
  version = 100;
  private readonly history: Event[] = [];
  /** Versions up to this one are forgotten. */
  private compacted = 100;
  private readonly open: { plural: string; watch: FakeWatch; began: number; sent: number }[] = [];
  private readonly objects = new Map<string, Map<string, K8sObject>>();

  constructor(private readonly random: () => number) {}

  /** The objects of a plural as a list of this moment would give them. */
  list(plural: string): K8sObject[] {
    return [...(this.objects.get(plural)?.values() ?? [])];
  }

  put(plural: string, object: K8sObject): void {
    const { uid } = object.metadata;
    const all = this.objects.get(plural) ?? new Map<string, K8sObject>();
    this.objects.set(plural, all);
    this.version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
    const type = all.has(uid) ? 'MODIFIED' : 'ADDED';
    all.set(uid, stored);
    this.history.push({ version: this.version, plural, type, object: stored });
  }

  delete(plural: string, uid: string): void {
    const object = this.objects.get(plural)?.get(uid);
    if (!object) return;
    this.objects.get(plural)?.delete(uid);
    this.version += 1;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
    this.history.push({ version: this.version, plural, type: 'DELETED', object: last });
  }

  /** Sends what open watches have not heard; `repeat` tells again some of what a watch has heard, as a proxy does that lost its place. */
  async deliver(repeat = false): Promise<void> {
    for (const each of this.open) {
      if (each.watch.aborted) continue;
      const news = this.history.filter(
        ({ plural, version }) => plural === each.plural && version > each.sent,
      );
      const old = this.history.filter(
        ({ plural, version }) => plural === each.plural && version > each.began && version <= each.sent,
      );
      const again = repeat ? old.slice(-1 - Math.floor(this.random() * 4)) : [];
      each.sent = this.version;
      // Those told again come after what is newer, too: the last of them is older than what is known.
      const late = repeat && news.length > 1 ? news.slice(0, 1) : [];
      const events = [...again, ...news, ...late];
      if (events.length > 0) await each.watch.send(...events);
    }
  }

  /** Whether somebody watches it now. */
  isWatched(plural: string): boolean {
    return this.open.some((each) => each.plural === plural && !each.watch.aborted);
  }

  /** Breaks watches off, what they were not told being lost to them. */
  drop(): void {
    for (const { watch } of this.open.splice(0))
      watch.end(this.random() < 0.5 ? new Error('reset') : undefined);
  }

  /** Forgets history: whoever goes on from before gets a 410. */
  compact(): void {
    this.compacted = this.version;
  }

  async get(_: Asker, path: string, { signal, streaming }: GetOptions): Promise<ApiAnswer> {
    const { pathname, searchParams } = new URL(path, 'http://model');
    const plural = pathname.split('/').at(-1) ?? '';
    if (this.random() < 0.05) return { status: 503, body: text({ kind: 'Status', code: 503 }) };
    if (streaming) return this.watch(plural, Number(searchParams.get('resourceVersion')), path, signal);
    const asked = searchParams.get('continue');
    const token: Token = asked ? (JSON.parse(asked) as Token) : { version: this.version, from: 0 };
    if (token.version < this.compacted) {
      const fresh =
        this.random() < 0.5 ? { continue: JSON.stringify({ ...token, version: this.version }) } : {};
      return { status: 410, body: text({ kind: 'Status', metadata: fresh, code: 410, reason: 'Expired' }) };
    }
    return { status: 200, body: text(this.page(plural, token)) };
  }

  private page(plural: string, { version, from }: Token): object {
    // In the order of uids, as etcd gives keys; so that a page begins where the one before ended.
    const all = this.stateAt(plural, version);
    const items = all.slice(from, from + PAGE);
    const end = from + items.length;
    const next = end < all.length ? { continue: JSON.stringify({ version, from: end }) } : {};
    return { metadata: { resourceVersion: String(version), ...next }, items };
  }

  private stateAt(plural: string, version: number): K8sObject[] {
    const state = new Map<string, K8sObject>();
    for (const event of this.history) {
      if (event.plural !== plural || event.version > version) continue;
      if (event.type === 'DELETED') state.delete(event.object.metadata.uid);
      else state.set(event.object.metadata.uid, event.object);
    }
    return [...state.values()].sort((a, b) => (a.metadata.uid < b.metadata.uid ? -1 : 1));
  }

  private watch(plural: string, from: number, path: string, signal: AbortSignal): ApiAnswer {
    if (from < this.compacted) {
      const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
      // Some say it with the status, some with an event.
      if (this.random() < 0.5) return { status: 410, body: text(status) };
      return { status: 200, body: text({ type: 'ERROR', object: status }, '\n') };
    }
    const watch = new FakeWatch(path, signal);
    this.open.push({ plural, watch, began: from, sent: from });
    return { status: 200, body: watch.body() };
  }
}

async function* text(body: object, end = ''): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(JSON.stringify(body) + end);
}
