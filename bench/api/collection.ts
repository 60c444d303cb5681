/** One version of one object; never changed in place, so that old lists stay what they were. */
export interface Entry {
  namespace: string;
  name: string;
  version: number;
  /** The object as JSON. */
  text: () => Buffer;
}

export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  version: number;
  entry: Entry;
  /** The watch line, written once however many watch. */
  line: () => Buffer;
}

/** Changes kept for watches that resume; older ones are answered with 410. */
const KEPT_CHANGES = 8_000;
const SNAPSHOT_MS = 60_000;

/** All objects of one resource, every list a snapshot, and the changes that a watch can resume from. */
export class Collection {
  private readonly entries = new Map<string, Entry>();
  private keys: string[] | undefined;
  private changes: Change[] = [];
  private oldest = 0;
  private readonly snapshots = new Map<number, { at: number; entries: Entry[] }>();
  private readonly listeners = new Set<(change: Change) => void>();

  constructor(readonly plural: string) {}

  get size(): number {
    return this.entries.size;
  }

  get(namespace: string, name: string): Entry | undefined {
    return this.entries.get(`${namespace}/${name}`);
  }

  /** Puts objects in without telling anybody: the beginning. */
  fill(entries: Entry[]): void {
    for (const entry of entries) this.entries.set(`${entry.namespace}/${entry.name}`, entry);
    this.keys = undefined;
  }

  put(entry: Entry): void {
    const key = `${entry.namespace}/${entry.name}`;
    const type = this.entries.has(key) ? 'MODIFIED' : 'ADDED';
    this.entries.set(key, entry);
    if (type === 'ADDED') this.keys = undefined;
    this.tell(type, entry);
  }

  delete(entry: Entry): void {
    this.entries.delete(`${entry.namespace}/${entry.name}`);
    this.keys = undefined;
    this.tell('DELETED', entry);
  }

  /** Everything in the order of names, as it was at a version that was listed before, or now. */
  list(version: number, now: number, asked?: number): Entry[] | undefined {
    for (const [key, { at }] of this.snapshots) if (now - at > SNAPSHOT_MS) this.snapshots.delete(key);
    if (asked !== undefined) return this.snapshots.get(asked)?.entries;
    this.keys ??= [...this.entries.keys()].sort();
    const entries = this.keys.flatMap((key) => this.entries.get(key) ?? []);
    this.snapshots.set(version, { at: now, entries });
    return entries;
  }

  /** What happened after a version; undefined when that is too long ago to be known. */
  since(version: number): Change[] | undefined {
    if (version < this.oldest) return undefined;
    const first = this.changes.findIndex((change) => change.version > version);
    return first < 0 ? [] : this.changes.slice(first);
  }

  /** Forgets what watches and half-read lists could go on from. */
  expire(version: number): void {
    this.changes = [];
    this.oldest = version;
    this.snapshots.clear();
  }

  follow(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(type: Change['type'], entry: Entry): void {
    let line: Buffer | undefined;
    const change: Change = {
      type,
      version: entry.version,
      entry,
      line: () => {
        line ??= Buffer.concat([
          Buffer.from(`{"type":"${type}","object":`),
          entry.text(),
          Buffer.from('}\n'),
        ]);
        return line;
      },
    };
    this.changes.push(change);
    if (this.changes.length > KEPT_CHANGES * 1.25) {
      this.changes.splice(0, this.changes.length - KEPT_CHANGES);
      this.oldest = this.changes[0]?.version ?? 0;
    }
    for (const listener of this.listeners) listener(change);
  }
}
