type Json = Record<string, unknown>;

/** About what one value takes beyond its text, in bytes. */
const VALUE_BYTES = 16;

/** A deep copy for somebody to edit, without undefined fields. About three times as fast as a trip over JSON. */
export function editableCopy<T>(value: T): T {
  // Plain JSON in, the same shape out.
  return copyOf(value) as T;
}

/**
 * A stored object for a component to edit. Its managedFields, often the largest part and nothing that a component
 * edits, stay as they are.
 */
export function editableObject<T extends { metadata: { managedFields?: unknown[] } }>(stored: T): T {
  const { managedFields, ...metadata } = stored.metadata;
  const copy = editableCopy({ ...stored, metadata });
  if (managedFields) copy.metadata = { ...copy.metadata, managedFields };
  // Put together again from its two parts.
  return copy as T;
}

/**
 * `next` as it is to be stored: what a trip over the wire would leave of it, with every part that `base` says already
 * taken from there. Versions of an object, and objects that are much alike, so share most of their memory, and whether
 * a part changed is a question of identity. Returns `base` itself when nothing differs; `next` is not kept.
 *
 * With `inOrder`, parts are only the same when their fields come in the same order: for parts of another object, whose
 * text must not change.
 */
export function sharing<T>(base: unknown, next: T, { inOrder = false } = {}): T {
  // As above.
  return share(base, next, inOrder) as T;
}

/**
 * Stored objects are shared by everybody who reads: a write to one must fail loudly, not change history. Returns about
 * how many bytes were not part of a stored object before.
 */
export function freeze(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  if (Object.isFrozen(value)) return 0;
  Object.freeze(value);
  let bytes = VALUE_BYTES;
  for (const inner of Object.values(value)) bytes += VALUE_BYTES + freeze(inner);
  return bytes;
}

function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return wirePrimitive(value);
  if (Array.isArray(value)) return value.map((item) => copyOf(item) ?? null);
  if (hasOwnJson(value)) return wirePrimitive(value.toJSON());
  const copy: Json = {};
  for (const [field, inner] of Object.entries(value)) {
    const kept = copyOf(inner);
    if (kept !== undefined) put(copy, field, kept);
  }
  return copy;
}

function share(base: unknown, next: unknown, inOrder: boolean): unknown {
  if (typeof next !== 'object' || next === null) return wirePrimitive(next);
  if (next === base && Object.isFrozen(base)) return base;
  if (Array.isArray(next)) return shareArray(Array.isArray(base) ? base : undefined, next, inOrder);
  if (hasOwnJson(next)) return wirePrimitive(next.toJSON());
  return shareObject(isObject(base) ? base : undefined, next as Json, inOrder);
}

/** Nothing is copied before the first difference: most parts have none. */
function shareArray(base: unknown[] | undefined, next: unknown[], inOrder: boolean): unknown[] {
  let shared = base && Object.isFrozen(base) ? undefined : new Array<unknown>(next.length);
  for (let index = 0; index < next.length; index += 1) {
    const item = share(base?.[index], next[index], inOrder) ?? null;
    if (shared === undefined) {
      if (item === base?.[index]) continue;
      shared = base?.slice(0, index) ?? [];
    }
    shared[index] = item;
  }
  if (shared === undefined && base) {
    if (base.length === next.length) return base;
    shared = base.slice(0, next.length);
  }
  return keptOr(next, shared ?? []);
}

function shareObject(base: Json | undefined, next: Json, inOrder: boolean): Json {
  const fields = Object.keys(next);
  const theirs = base && Object.isFrozen(base) ? Object.keys(base) : undefined;
  let shared: Json | undefined = theirs ? undefined : {};
  let count = 0;
  for (const [index, field] of fields.entries()) {
    const item = share(base?.[field], next[field], inOrder);
    if (item === undefined) continue;
    if (shared === undefined) {
      const same = item === base?.[field] && (!inOrder || theirs?.[count] === field);
      count += 1;
      if (same) continue;
      shared = firstOf(base, next, fields.slice(0, index));
    }
    put(shared, field, item);
  }
  if (shared) return keptOr(next, shared);
  if (base && theirs?.length === count) return base;
  return keptOr(next, firstOf(base, next, fields));
}

/** The parts of `base` that stand for these fields of `next`; what leaves no trace on the wire has none. */
function firstOf(base: Json | undefined, next: Json, fields: readonly string[]): Json {
  const first: Json = {};
  for (const field of fields) {
    const value = wirePrimitive(next[field]) === undefined ? undefined : base?.[field];
    if (value !== undefined) put(first, field, value);
  }
  return first;
}

/** A part that was stored before, elsewhere, needs no copy. */
function keptOr<T extends object>(next: T, copy: T): T {
  return Object.isFrozen(next) ? next : copy;
}

/** What JSON makes of anything that is neither object nor array. */
function wirePrimitive(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

function put(object: Json, field: string, value: unknown): void {
  // An assignment would set the prototype; a field of that name is just a name in JSON.
  if (field === '__proto__')
    Object.defineProperty(object, field, { value, enumerable: true, configurable: true, writable: true });
  else object[field] = value;
}

function hasOwnJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
