import { isJsonObject, type JsonObject, mappingsAt, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { GUEST, type VmDraft, type VmManifest } from '@/lib/kinds/vm/form/field';

export const VM_NAME = ['metadata', 'name'] as const;
const TEMPLATE_LABELS = ['spec', 'template', 'metadata', 'labels'] as const;
const DISK_TEMPLATES = ['spec', 'dataVolumeTemplates'] as const;

/** Keys under which volumes and access credentials name another object. */
const REFERENCES = new Set(['name', 'claimName', 'secretName']);

export interface RenameOptions {
  /** Also what is not named after the VM gets a name of its own, so that a second copy can stand beside the first. */
  apart?: boolean;
}

/**
 * The same VM under another name. What is named after it follows: volumes made with it, Secrets and claims beside it,
 * labels, host names. References inside the VM go along.
 */
export function renamed(draft: VmDraft, name: string, { apart = false }: RenameOptions = {}): VmDraft {
  const old = wordAt(draft.vm, VM_NAME);
  if (!name || name === old) return draft;
  const names = new Map<string, string>();
  const own = [
    ...mappingsAt(draft.vm, DISK_TEMPLATES).map((each) => wordAt(each, VM_NAME)),
    ...draft.others.filter(isOwn).map((each) => wordAt(each, VM_NAME)),
  ];
  for (const each of own) {
    const follows = nameAfter(each, old, name);
    if (follows !== undefined) names.set(each, follows);
    else if (apart && each) names.set(each, `${name}-${each}`);
  }
  let vm = withValueAt(draft.vm, VM_NAME, name);
  vm = withRenamedTemplates(vm, names);
  vm = withRenamedLabels(vm, old, name);
  if (old && wordAt(vm, [...GUEST, 'hostname']) === old) vm = withValueAt(vm, [...GUEST, 'hostname'], name);
  for (const list of ['volumes', 'accessCredentials']) {
    const before = valueAt(vm, [...GUEST, list]);
    if (!Array.isArray(before)) continue;
    const after = before.map((each) =>
      withReferences(each, names, 0, (text) => hostRenamed(text, old, name)),
    );
    if (after.some((each, index) => each !== before[index])) vm = withValueAt(vm, [...GUEST, list], after);
  }
  const others = draft.others.map((each) => {
    if (!isOwn(each)) return each;
    const to = names.get(wordAt(each, VM_NAME));
    const moved = to === undefined ? each : withValueAt(each, VM_NAME, to);
    return each.kind === 'Secret' ? withHostRenamed(moved, old, name) : moved;
  });
  return { vm, others };
}

/** `web-data` of `web` becomes `shop-data` of `shop`; undefined when it is not named after the VM. */
function nameAfter(each: string, old: string, name: string): string | undefined {
  if (!old) return undefined;
  if (each === old) return name;
  return each.startsWith(`${old}-`) ? name + each.slice(old.length) : undefined;
}

/** Namespaces are shared by many; everything else of a manifest goes with its VM. */
function isOwn(object: JsonObject): boolean {
  return object.kind !== 'Namespace';
}

function withRenamedTemplates(vm: VmManifest, names: ReadonlyMap<string, string>): VmManifest {
  const templates = valueAt(vm, DISK_TEMPLATES);
  if (!Array.isArray(templates)) return vm;
  return templates.reduce<VmManifest>((made, each: unknown, index) => {
    const to = isJsonObject(each) ? names.get(wordAt(each, VM_NAME)) : undefined;
    return to === undefined ? made : withValueAt(made, [...DISK_TEMPLATES, index, ...VM_NAME], to);
  }, vm);
}

function withRenamedLabels(vm: VmManifest, old: string, name: string): VmManifest {
  if (!old) return vm;
  return [TEMPLATE_LABELS, ['metadata', 'labels']].reduce<VmManifest>((made, path) => {
    const labels = valueAt(made, path);
    if (!isJsonObject(labels)) return made;
    const same = Object.keys(labels).filter((key) => labels[key] === old);
    return same.reduce<VmManifest>((next, key) => withValueAt(next, [...path, key], name), made);
  }, vm);
}

function withReferences(
  value: unknown,
  names: ReadonlyMap<string, string>,
  depth: number,
  userData: (text: string) => string,
): unknown {
  if (Array.isArray(value))
    return sameOr(
      value,
      value.map((each) => withReferences(each, names, depth + 1, userData)),
    );
  if (!isJsonObject(value)) return value;
  let isChanged = false;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    // The name at the top is the volume's own.
    const isReference = depth > 0 && REFERENCES.has(key) && typeof inner === 'string';
    const after = isReference
      ? (names.get(inner) ?? inner)
      : key === 'userData' && typeof inner === 'string'
        ? userData(inner)
        : withReferences(inner, names, depth + 1, userData);
    if (after !== inner) isChanged = true;
    return [key, after];
  });
  return isChanged ? Object.fromEntries(entries) : value;
}

function sameOr(before: readonly unknown[], after: unknown[]): readonly unknown[] {
  return after.some((each, index) => each !== before[index]) ? after : before;
}

function withHostRenamed(secret: JsonObject, old: string, name: string): JsonObject {
  const values = valueAt(secret, ['stringData']);
  if (!isJsonObject(values)) return secret;
  return Object.entries(values).reduce<JsonObject>((made, [key, value]) => {
    const after = typeof value === 'string' ? hostRenamed(value, old, name) : value;
    return after === value ? made : withValueAt(made, ['stringData', key], after);
  }, secret);
}

/** In the text of cloud-init the lines that name the host; anything else may mean something else. */
function hostRenamed(text: string, old: string, name: string): string {
  if (!old) return text;
  return text.replace(
    /^([ \t]*(?:hostname|fqdn|local-hostname):[ \t]*)(["']?)([^\s"'#]+)\2/gm,
    (line, key: string, quote: string, host: string) => {
      const to = host === old ? name : host.startsWith(`${old}.`) ? name + host.slice(old.length) : undefined;
      return to === undefined ? line : `${key}${quote}${to}${quote}`;
    },
  );
}
