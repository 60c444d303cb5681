import type { ServedKind } from '@/lib/k8s/kinds';

/** A kind once, in the version that its group prefers, with the others that serve it. */
export interface KindEntry {
  kind: ServedKind;
  otherVersions: string[];
}

export interface KindGroup {
  /** Empty for the core group. */
  group: string;
  entries: KindEntry[];
}

/** KubeVirt's groups first, then the core group, then the others by name. */
export function groupKinds(kinds: readonly ServedKind[], words: string): KindGroup[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const byKind = new Map<string, ServedKind[]>();
  for (const kind of kinds) {
    // What can neither be listed nor read is a question to the API, not an object.
    if (!kind.verbs.includes('get') && !kind.verbs.includes('list')) continue;
    const text = `${kind.kind} ${kind.plural} ${kind.group}`.toLowerCase();
    if (!wanted.every((word) => text.includes(word))) continue;
    const key = `${kind.group} ${kind.plural}`;
    byKind.set(key, [...(byKind.get(key) ?? []), kind]);
  }
  const groups = new Map<string, KindEntry[]>();
  for (const versions of byKind.values()) {
    const kind = versions.find(({ isPreferred }) => isPreferred) ?? versions[0];
    if (!kind) continue;
    const otherVersions = versions.filter((each) => each !== kind).map(({ version }) => version);
    groups.set(kind.group, [...(groups.get(kind.group) ?? []), { kind, otherVersions }]);
  }
  return [...groups]
    .map(([group, entries]) => ({
      group,
      entries: entries.toSorted((a, b) => a.kind.kind.localeCompare(b.kind.kind)),
    }))
    .sort((a, b) => rank(a.group) - rank(b.group) || a.group.localeCompare(b.group));
}

function rank(group: string): number {
  if (group === 'kubevirt.io') return 0;
  if (group.endsWith('kubevirt.io')) return 1;
  return group === '' ? 2 : 3;
}
