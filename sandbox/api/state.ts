import type { TableChange } from './custom/registry';
import { type Change, HISTORY_LIMITS, History, type HistoryLimits } from './history';
import type { KubeObject } from './objects';
import type { ResourceType } from './resource-type';
import { freeze, sharing } from './sharing';

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
  /** Keys in etcd's order, made on demand and kept from then on. */
  sorted: string[] | undefined;
  history: History;
  /** The youngest object, from which the next one takes the parts that they have in common. */
  latest: KubeObject | undefined;
}

/** Which objects of a resource are meant, in key order. */
export interface Range {
  namespace?: string | undefined;
  /** As of this version. */
  revision: number;
  /** Those that come after this key. */
  after?: string | undefined;
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
  /** Tables of resources that are gone, for watches that have not read them to the end. */
  private readonly dropped = new Map<string, Table>();
  private readonly limits: HistoryLimits;
  private readonly byUid = new Map<string, Address>();
  private readonly dependentsByUid = new Map<string, Map<string, Address>>();

  /** `follow` says which tables come and go with a change. */
  constructor(
    types: readonly ResourceType[],
    historyLimit?: number,
    private readonly follow: (change: Change) => TableChange = () => ({}),
  ) {
    this.limits =
      historyLimit === undefined
        ? HISTORY_LIMITS
        : { ...HISTORY_LIMITS, changes: historyLimit, freshChanges: historyLimit };
    for (const type of types) if (!type.view) this.addTable(type);
  }

  private addTable(type: ResourceType): void {
    const known = this.tables.get(type.id);
    if (known) {
      known.type = type;
      return;
    }
    this.dropped.delete(type.id);
    this.tables.set(type.id, {
      type,
      objects: new Map(),
      perNamespace: new Map(),
      sorted: undefined,
      history: new History(this.limits),
      latest: undefined,
    });
  }

  private dropTable(resource: string): void {
    const table = this.tables.get(resource);
    if (!table) return;
    this.tables.delete(resource);
    this.dropped.set(resource, table);
  }

  private table(resource: string): Table {
    const table = this.tables.get(resource) ?? this.dropped.get(resource);
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
    return this.heldBy(resource, namespace) > 0;
  }

  /** How many objects of the resource a namespace holds. */
  heldBy(resource: string, namespace: string): number {
    return this.table(resource).perNamespace.get(namespace) ?? 0;
  }

  /** Objects in key order, of one namespace or of all. */
  list(resource: string, namespace?: string): KubeObject[] {
    return [...(this.walk(resource, { namespace, revision: this.revision }) ?? [])];
  }

  /** The list as it was at `revision`, or undefined when history does not reach back that far. */
  listAt(resource: string, namespace: string | undefined, revision: number): KubeObject[] | undefined {
    const objects = this.walk(resource, { namespace, revision });
    return objects && [...objects];
  }

  /**
   * The objects of a range one by one, or undefined when history does not reach back that far. To be used up before
   * anything else is written.
   */
  walk(resource: string, range: Range): Iterable<KubeObject> | undefined {
    const table = this.table(resource);
    if (range.revision < table.history.compacted) return undefined;
    const undo = undoOf(table, range);
    return undo.size === 0 ? walkNow(table, range) : walkThen(table, range, undo);
  }

  /** How many objects a range has. */
  countIn(resource: string, range: Range): number {
    const table = this.table(resource);
    const [from, to] = boundsOf(table, range);
    let count = to - from;
    for (const [key, previous] of undoOf(table, range)) {
      if (range.after !== undefined && key <= range.after) continue;
      count += (previous ? 1 : 0) - (table.objects.has(key) ? 1 : 0);
    }
    return count;
  }

  /** The first `limit` changes of a resource after `revision`, or undefined when they are no longer known. */
  changesSince(resource: string, revision: number, limit = Number.POSITIVE_INFINITY): Change[] | undefined {
    return this.table(resource).history.since(revision, limit);
  }

  /** The oldest version that a watch of the resource can start from. */
  compacted(resource: string): number {
    return this.table(resource).history.compacted;
  }

  /** Forgets all history, as after loading a snapshot. */
  forgetHistory(revision: number): void {
    for (const table of this.tables.values()) table.history.forget(revision);
  }

  /** A new object as it should be stored: what it has in common with the one before it is kept once. */
  sharingWithLatest(resource: string, object: KubeObject): KubeObject {
    return sharing(this.table(resource).latest, object, { inOrder: true });
  }

  addressOf(uid: string): Address | undefined {
    return this.byUid.get(uid);
  }

  /** The objects that name `uid` among their owners: all, or by name those of one resource. */
  dependentsOf(uid: string, only?: string): KubeObject[] {
    const found: KubeObject[] = [];
    for (const { resource, key } of this.dependentsByUid.get(uid)?.values() ?? []) {
      const object = only === undefined || resource === only ? this.get(resource, key) : undefined;
      if (object) found.push(object);
    }
    if (only !== undefined) found.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
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
    const bytes = freeze(change.object);
    if (change.previous) this.unlink(change.previous);
    if (change.type === 'DELETED') {
      table.objects.delete(key);
      if (table.latest === change.previous) table.latest = undefined;
    } else {
      table.objects.set(key, change.object);
      table.latest = change.object;
      this.link({ resource: change.resource, key }, change.object);
    }
    if (change.type !== 'MODIFIED') {
      const step = change.type === 'ADDED' ? 1 : -1;
      // Many at once are sorted when somebody wants to see them.
      if (record) reorder(table, key, step);
      else table.sorted = undefined;
      const { namespace = '' } = metadata;
      table.perNamespace.set(namespace, (table.perNamespace.get(namespace) ?? 0) + step);
    }
    this.revision = Math.max(this.revision, change.revision);
    if (record) table.history.add(change, bytes);
    const { add, drop } = this.follow(change);
    if (add) this.addTable(add);
    if (drop) this.dropTable(drop);
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

/** Enters a key into the table's order, or takes it out. */
function reorder({ sorted }: Table, key: string, step: 1 | -1): void {
  if (!sorted) return;
  const at = lowerBound(sorted, key);
  if (step === 1) sorted.splice(at, 0, key);
  else if (sorted[at] === key) sorted.splice(at, 1);
}

/** Where a range begins and ends among the keys that there are now. */
function boundsOf(table: Table, { namespace, after }: Range): [number, number] {
  table.sorted ??= [...table.objects.keys()].sort();
  const { sorted } = table;
  const prefix = namespace ? `${namespace}/` : '';
  const begin = after === undefined || after < prefix ? prefix : `${after}\0`;
  // '0' is the character after '/'.
  return [lowerBound(sorted, begin), namespace ? lowerBound(sorted, `${namespace}0`) : sorted.length];
}

/** What has changed in a range since its version, by key, with what was there then. */
function undoOf({ history }: Table, { namespace, revision }: Range): Map<string, KubeObject | undefined> {
  return history.undo(revision, ({ metadata }) =>
    namespace && metadata.namespace !== namespace ? undefined : keyOf(metadata.namespace, metadata.name),
  );
}

function* walkNow(table: Table, range: Range): Generator<KubeObject> {
  const [from, to] = boundsOf(table, range);
  for (let index = from; index < to; index += 1) {
    const object = table.objects.get(table.sorted?.[index] ?? '');
    if (object) yield object;
  }
}

/** The objects that are as they were then, with the earlier versions of the others in their places. */
function* walkThen(
  table: Table,
  range: Range,
  undo: ReadonlyMap<string, KubeObject | undefined>,
): Generator<KubeObject> {
  const { after } = range;
  const earlier = [...undo].filter(([key]) => after === undefined || key > after);
  earlier.sort(([left], [right]) => (left < right ? -1 : 1));
  let at = 0;
  for (const object of walkNow(table, range)) {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    for (let due = earlier[at]; due && due[0] <= key; due = earlier[at]) {
      if (due[1]) yield due[1];
      at += 1;
    }
    if (!undo.has(key)) yield object;
  }
  for (const [, previous] of earlier.slice(at)) if (previous) yield previous;
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
