import type { KubeObject, WatchEvent } from './objects';
import type { ResourceType } from './resource-type';

/** One committed write. */
export interface Change extends WatchEvent {
  revision: number;
  resource: string;
}

/** Where an object lives. */
export interface Address {
  resource: string;
  key: string;
}

interface Table {
  type: ResourceType;
  objects: Map<string, KubeObject>;
  /** How many objects each namespace holds. */
  perNamespace: Map<string, number>;
  /** Keys in etcd's order, made on demand. */
  sorted: string[] | undefined;
  changes: Change[];
  /** Versions at or below this one can no longer be reconstructed. */
  compacted: number;
}

const serialised = new WeakMap<KubeObject, string>();

/** The object as JSON, made once per stored version and shared by journal, lists and watches. */
export function jsonOf(object: KubeObject): string {
  const known = serialised.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  serialised.set(object, text);
  return text;
}

/** `namespace/name`, or the name alone for what has no namespace. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

/**
 * All objects in memory, with the indexes that garbage collection needs and a bounded history per resource, from
 * which watches resume and older versions of a list are rebuilt. Knows no rules: it applies changes that are final.
 */
export class State {
  revision = 0;
  private readonly tables = new Map<string, Table>();
  private readonly byUid = new Map<string, Address>();
  private readonly dependentsByUid = new Map<string, Map<string, Address>>();

  constructor(
    types: readonly ResourceType[],
    private readonly historyLimit: number,
  ) {
    for (const type of types) {
      if (type.view) continue;
      this.tables.set(type.id, {
        type,
        objects: new Map(),
        perNamespace: new Map(),
        sorted: undefined,
        changes: [],
        compacted: 0,
      });
    }
  }

  private table(resource: string): Table {
    const table = this.tables.get(resource);
    if (!table) throw new Error(`The API has no resource ${resource}`);
    return table;
  }

  resources(): string[] {
    return [...this.tables.keys()];
  }

  has(resource: string): boolean {
    return this.tables.has(resource);
  }

  type(resource: string): ResourceType {
    return this.table(resource).type;
  }

  get(resource: string, key: string): KubeObject | undefined {
    return this.table(resource).objects.get(key);
  }

  count(resource: string): number {
    return this.table(resource).objects.size;
  }

  /** Whether a namespace holds any object of the resource. */
  hasIn(resource: string, namespace: string): boolean {
    return (this.table(resource).perNamespace.get(namespace) ?? 0) > 0;
  }

  /** Objects in key order, of one namespace or of all. */
  list(resource: string, namespace?: string): KubeObject[] {
    const table = this.table(resource);
    table.sorted ??= [...table.objects.keys()].sort();
    const found: KubeObject[] = [];
    const prefix = namespace ? `${namespace}/` : '';
    for (let index = lowerBound(table.sorted, prefix); index < table.sorted.length; index += 1) {
      const key = table.sorted[index];
      if (key === undefined || (prefix && !key.startsWith(prefix))) break;
      const object = table.objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  /** The list as it was at `revision`, or undefined when history does not reach back that far. */
  listAt(resource: string, namespace: string | undefined, revision: number): KubeObject[] | undefined {
    const table = this.table(resource);
    if (revision < table.compacted) return undefined;
    const undo = new Map<string, KubeObject | undefined>();
    for (let index = table.changes.length - 1; index >= 0; index -= 1) {
      const change = table.changes[index];
      if (!change || change.revision <= revision) break;
      const { namespace: changed, name } = change.object.metadata;
      if (!namespace || changed === namespace) undo.set(keyOf(changed, name), change.previous);
    }
    const current = this.list(resource, namespace);
    if (undo.size === 0) return current;
    const kept = current.filter(({ metadata }) => !undo.has(keyOf(metadata.namespace, metadata.name)));
    for (const previous of undo.values()) if (previous) kept.push(previous);
    return kept.sort(byKey);
  }

  /** The first `limit` changes of a resource after `revision`, or undefined when they are no longer known. */
  changesSince(resource: string, revision: number, limit = Number.POSITIVE_INFINITY): Change[] | undefined {
    const { changes, compacted } = this.table(resource);
    if (revision < compacted) return undefined;
    let low = 0;
    let high = changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((changes[middle]?.revision ?? 0) > revision) high = middle;
      else low = middle + 1;
    }
    return changes.slice(low, low + limit);
  }

  /** The oldest version that a watch of the resource can start from. */
  compacted(resource: string): number {
    return this.table(resource).compacted;
  }

  /** Forgets all history, as after loading a snapshot. */
  forgetHistory(revision: number): void {
    for (const table of this.tables.values()) {
      table.changes = [];
      table.compacted = revision;
    }
  }

  addressOf(uid: string): Address | undefined {
    return this.byUid.get(uid);
  }

  /** The objects that name `uid` among their owners. */
  dependentsOf(uid: string): KubeObject[] {
    const found: KubeObject[] = [];
    for (const { resource, key } of this.dependentsByUid.get(uid)?.values() ?? []) {
      const object = this.get(resource, key);
      if (object) found.push(object);
    }
    return found;
  }

  hasDependents(uid: string): boolean {
    return (this.dependentsByUid.get(uid)?.size ?? 0) > 0;
  }

  /** Makes a change visible. `record` is false while a snapshot is loaded, which is state and not history. */
  apply(change: Change, record = true): void {
    const table = this.table(change.resource);
    const { metadata } = change.object;
    const key = keyOf(metadata.namespace, metadata.name);
    freeze(change.object);
    if (change.previous) this.unlink(change.previous);
    if (change.type === 'DELETED') {
      table.objects.delete(key);
    } else {
      table.objects.set(key, change.object);
      this.link({ resource: change.resource, key }, change.object);
    }
    if (change.type !== 'MODIFIED') {
      table.sorted = undefined;
      const { namespace = '' } = metadata;
      const step = change.type === 'ADDED' ? 1 : -1;
      table.perNamespace.set(namespace, (table.perNamespace.get(namespace) ?? 0) + step);
    }
    this.revision = Math.max(this.revision, change.revision);
    if (!record) return;
    table.changes.push(change);
    // Trimmed in blocks: shifting one by one would copy the whole array on every write.
    if (table.changes.length > this.historyLimit * 1.25) {
      const cut = table.changes.length - this.historyLimit;
      table.compacted = table.changes[cut - 1]?.revision ?? table.compacted;
      table.changes = table.changes.slice(cut);
    }
  }

  private link(address: Address, { metadata }: KubeObject): void {
    this.byUid.set(metadata.uid, address);
    for (const { uid } of metadata.ownerReferences ?? []) {
      const known = this.dependentsByUid.get(uid) ?? new Map<string, Address>();
      known.set(metadata.uid, address);
      this.dependentsByUid.set(uid, known);
    }
  }

  private unlink({ metadata }: KubeObject): void {
    this.byUid.delete(metadata.uid);
    for (const { uid } of metadata.ownerReferences ?? []) {
      const known = this.dependentsByUid.get(uid);
      known?.delete(metadata.uid);
      if (known?.size === 0) this.dependentsByUid.delete(uid);
    }
  }
}

/** Stored objects are shared by everybody who reads: a write to one must fail loudly, not change history. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}

function byKey(a: KubeObject, b: KubeObject): number {
  const left = keyOf(a.metadata.namespace, a.metadata.name);
  const right = keyOf(b.metadata.namespace, b.metadata.name);
  return left < right ? -1 : left > right ? 1 : 0;
}

function lowerBound(sorted: readonly string[], wanted: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
