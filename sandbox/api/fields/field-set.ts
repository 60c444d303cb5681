import { isRecord } from '../patch';

/**
 * One step of a path as FieldsV1 writes it: `f:name` for a field, `k:{"name":"x"}` for the item of a keyed list,
 * `v:"x"` for the item of a set.
 */
export type Step = string;

/** A set of paths: which of the steps from here are members, and the sets below them. */
export interface FieldSet {
  members: Set<Step>;
  children: Map<Step, FieldSet>;
}

type Tree = Record<string, unknown>;

export function emptySet(): FieldSet {
  return { members: new Set(), children: new Map() };
}

export function isEmpty({ members, children }: FieldSet): boolean {
  return members.size === 0 && [...children.values()].every(isEmpty);
}

/** Adds `path`, which has at least one step. Edits `set`. */
export function insert(set: FieldSet, path: readonly Step[]): void {
  let node = set;
  for (const step of path.slice(0, -1)) {
    const next = node.children.get(step) ?? emptySet();
    node.children.set(step, next);
    node = next;
  }
  const last = path.at(-1);
  if (last !== undefined) node.members.add(last);
}

/** All paths of both. `a` itself when `b` adds nothing: what has not changed need not be written anew. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (includes(a, b)) return a;
  const children = new Map(a.children);
  for (const [step, set] of b.children) {
    const known = children.get(step);
    children.set(step, known ? union(known, set) : set);
  }
  return { members: new Set([...a.members, ...b.members]), children };
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return {
    members: new Set([...a.members].filter((step) => b.members.has(step))),
    children: childrenOf(a, (step, set) => {
      const other = b.children.get(step);
      return other && intersection(set, other);
    }),
  };
}

/** What `a` has and `b` has not, path by path: a member of `b` takes away itself, not what is below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isApart(a, b)) return a;
  return {
    members: new Set([...a.members].filter((step) => !b.members.has(step))),
    children: childrenOf(a, (step, set) => {
      const other = b.children.get(step);
      return other ? difference(set, other) : set;
    }),
  };
}

function includes(a: FieldSet, b: FieldSet): boolean {
  for (const step of b.members) if (!a.members.has(step)) return false;
  for (const [step, set] of b.children) {
    const known = a.children.get(step);
    if (!known || !includes(known, set)) return false;
  }
  return true;
}

/** Whether no path is in both. */
function isApart(a: FieldSet, b: FieldSet): boolean {
  for (const step of b.members) if (a.members.has(step)) return false;
  for (const [step, set] of b.children) {
    const known = a.children.get(step);
    if (known && !isApart(known, set)) return false;
  }
  return true;
}

/** Every path of the set, members before what is below their siblings. */
export function paths({ members, children }: FieldSet, before: readonly Step[] = []): Step[][] {
  const own = [...members].sort().map((step) => [...before, step]);
  const below = [...children].sort(([a], [b]) => (a < b ? -1 : 1));
  return [...own, ...below.flatMap(([step, set]) => paths(set, [...before, step]))];
}

/** `metadata.managedFields[].fieldsV1`; a member that has others below it is marked with a dot. */
export function encodeFields({ members, children }: FieldSet): Tree {
  const tree: Tree = {};
  for (const step of [...new Set([...members, ...children.keys()])].sort()) {
    const set = children.get(step);
    const below = set ? encodeFields(set) : {};
    const isBare = Object.keys(below).length === 0;
    if (isBare && !members.has(step)) continue;
    tree[step] = members.has(step) && !isBare ? { '.': {}, ...below } : below;
  }
  return tree;
}

/** Reads FieldsV1, which may come from a client: what is no path is ignored. */
export function decodeFields(tree: unknown): FieldSet {
  const set = emptySet();
  for (const [step, below] of Object.entries(isRecord(tree) ? tree : {})) {
    if (step === '.' || !/^[fkvi]:/.test(step)) continue;
    const inner = isRecord(below) ? below : {};
    const fields = Object.keys(inner);
    if (fields.length === 0 || '.' in inner) set.members.add(step);
    if (fields.some((field) => field !== '.')) set.children.set(step, decodeFields(inner));
  }
  return set;
}

/** `.spec.containers[name="web"].image`, as refusals name a path. */
export function pathText(path: readonly Step[]): string {
  return path.map(stepText).join('');
}

function stepText(step: Step): string {
  const rest = step.slice(2);
  if (step.startsWith('f:')) return `.${rest}`;
  if (step.startsWith('v:')) return `[=${rest}]`;
  if (step.startsWith('i:')) return `[${rest}]`;
  const keys = Object.entries(JSON.parse(rest) as Tree);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}

function childrenOf(
  set: FieldSet,
  keep: (step: Step, below: FieldSet) => FieldSet | undefined,
): Map<Step, FieldSet> {
  const children = new Map<Step, FieldSet>();
  for (const [step, below] of set.children) {
    const kept = keep(step, below);
    if (kept && !isEmpty(kept)) children.set(step, kept);
  }
  return children;
}
