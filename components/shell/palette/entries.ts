import type { ActionItem } from '@/components/ui/action-item';
import type { StatusTone } from '@/components/ui/status-label';
import type { Say } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import type { Ref } from '@/lib/k8s/object';
import { dimensionTerm } from '@/lib/kinds/vm/language/edit';
import type { VmRow } from '@/lib/kinds/vm/row';
import { vmStatus } from '@/lib/kinds/vm/status';
import type { ClusterHits } from '@/lib/live/cluster-search';
import type { Place } from '@/lib/live/place-search';
import type { Recent } from '@/lib/live/recent';
import { paths, samePageOf } from '@/lib/paths';
import type { MessageKey } from '@/lib/text';
import { placesOf } from '../places';
import type { OfferedActions } from './offered-actions';

/** One line of the palette. */
export interface PaletteEntry {
  id: string;
  label: string;
  /** What tells it from others of the same label. */
  hint?: string;
  status?: { tone: StatusTone; word: string };
  /** Leads somewhere; with `newTab` in a tab of its own. */
  href?: string;
  newTab?: boolean;
  /** Does something. */
  onSelect?: () => void;
  /** A VM whose actions can be chosen without leaving the palette. */
  vm?: { target: Ref; row: VmRow };
  /** Why it cannot be used now; it stays and says so. */
  reason?: string;
}

export interface PaletteGroup {
  id: string;
  title: string;
  entries: PaletteEntry[];
}

export interface PaletteContext {
  /** The cluster of the page at hand, if it is one of a cluster. */
  cluster: string | undefined;
  clusters: ClusterInfo[];
  pathname: string;
  offered: OfferedActions | undefined;
  recent: Recent[];
  /** Nodes, namespaces and volumes that match. */
  places?: Place[];
}

/** Without words the palette shows what one did last and what one can do here; with words, what matches them. */
export function paletteGroups(
  context: PaletteContext,
  text: string,
  hits: ClusterHits[],
  t: Say,
): PaletteGroup[] {
  const wanted = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const matching = (entries: PaletteEntry[]) => entries.filter((entry) => matches(entry, wanted));
  const actions = actionGroup(context.offered, t).map((group) => ({
    ...group,
    entries: matching(group.entries),
  }));
  const found = [...hits.map((hit) => vmGroup(hit, text.trim(), t)), ...placeGroups(context, t)];
  // Who types the name of an action means it; VMs that match as well come later, and Enter must not hit one of them.
  const isAction = actions.some(({ entries }) =>
    entries.some(({ label }) => label.toLowerCase().startsWith(text.trim().toLowerCase())),
  );
  const groups: PaletteGroup[] = [
    ...(wanted.length === 0
      ? [{ id: 'recent', title: t('search.recent'), entries: recentEntries(context) }, ...actions]
      : isAction
        ? [...actions, ...found]
        : [...found, ...actions]),
    { id: 'pages', title: t('search.pages'), entries: matching(pageEntries(context, t)) },
    { id: 'clusters', title: t('search.clusters'), entries: matching(clusterEntries(context, t)) },
  ];
  return groups.filter(({ entries }) => entries.length > 0);
}

function matches({ label, hint = '' }: PaletteEntry, words: string[]): boolean {
  const haystack = `${label} ${hint}`.toLowerCase();
  return words.every((word) => haystack.includes(word));
}

function vmGroup({ cluster, rows, total, only }: ClusterHits, text: string, t: Say): PaletteGroup {
  const entries = rows.map((row): PaletteEntry => {
    const { uid, namespace, name, facts, reason, node, ips } = row;
    const { tone, text: word } = vmStatus(facts, reason);
    return {
      id: `vm-${cluster}-${uid}`,
      label: name,
      hint: [namespace, ips[0], node].filter(Boolean).join(' · '),
      status: { tone, word: t(word) },
      href: paths.vm({ cluster, namespace, name }),
      vm: { target: { cluster, namespace, name }, row },
    };
  });
  if (total > rows.length) {
    entries.push({
      id: `more-${cluster}`,
      label: t('search.allIn', { total, cluster }),
      href: paths.vms(cluster, { ...(only ? { ns: only.join(',') } : {}), q: text }),
    });
  }
  return { id: `vms-${cluster}`, title: t('search.vmsIn', { cluster }), entries };
}

const PLACES = ['node', 'namespace', 'volume'] as const;

/** Each place leads to the list of the VMs there; a volume to the VM that has it. */
function placeGroups({ places = [], clusters }: PaletteContext, t: Say): PaletteGroup[] {
  const entries = (kind: Place['kind']) =>
    places
      .filter((place) => place.kind === kind)
      .map((place): PaletteEntry => {
        const { cluster, name } = place;
        const id = `${kind}-${cluster}-${name}`;
        const where = clusters.length > 1 ? [cluster] : [];
        if (place.kind === 'volume') {
          const { namespace, name: vm } = place.vm;
          const hint = [t('search.volumeOf', { vm: `${namespace}/${vm}` }), ...where].join(' · ');
          return {
            id: `${id}-${namespace}-${vm}`,
            label: name,
            hint,
            href: paths.vm({ cluster, namespace, name: vm }),
          };
        }
        const query: Record<string, string> =
          kind === 'namespace' ? { ns: name } : { q: dimensionTerm('node', name) };
        const hint = [t('search.vmsThere', { total: place.total }), ...where].join(' · ');
        return { id, label: name, hint, href: paths.vms(cluster, query) };
      });
  return PLACES.map((kind) => ({
    id: `places-${kind}`,
    title: t(`search.places.${kind}`),
    entries: entries(kind),
  }));
}

function recentEntries({ recent, clusters, pathname }: PaletteContext): PaletteEntry[] {
  const visible = recent.filter(
    ({ user, ...target }) =>
      !`${pathname}/`.startsWith(`${paths.vm(target)}/`) &&
      clusters.some(
        (known) => known.name === target.cluster && known.signedIn && (known.user ?? '') === user,
      ),
  );
  return visible.slice(0, 6).map(({ cluster, namespace, name }) => ({
    id: `recent-${cluster}-${namespace}-${name}`,
    label: name,
    hint: `${namespace} · ${cluster}`,
    href: paths.vm({ cluster, namespace, name }),
  }));
}

function actionGroup(offered: OfferedActions | undefined, t: Say): PaletteGroup[] {
  if (!offered) return [];
  const { target, items } = offered;
  const entries = items.map((item: ActionItem): PaletteEntry => {
    const { id, label, reason, busy, href, onSelect } = item;
    const why = reason ?? (busy ? t('search.busy') : undefined);
    return {
      id: `action-${id}`,
      label,
      ...(why ? { reason: why } : {}),
      ...(href ? { href, newTab: true } : {}),
      ...(onSelect ? { onSelect } : {}),
    };
  });
  return [{ id: 'actions', title: t('search.actionsOf', { name: target.name }), entries }];
}

/** Reached from the page that creates one VM; here it is found by its name. */
function createYaml(cluster: string): { href: string; label: MessageKey } {
  return { href: paths.createYaml(cluster), label: 'yaml.create.title' };
}

function pageEntries({ cluster, clusters }: PaletteContext, t: Say): PaletteEntry[] {
  const own = cluster === undefined ? [] : placesOf(cluster);
  const yaml = cluster === undefined ? [] : [createYaml(cluster)];
  const places = [...own, ...yaml].map(({ href, label }) => ({
    id: `page-${href}`,
    label: t(label),
    hint: cluster ?? '',
    href,
  }));
  if (clusters.length < 2) return places;
  return [...places, { id: 'page-clusters', label: t('clusters.title'), href: paths.clusters() }];
}

function clusterEntries({ cluster, clusters, pathname }: PaletteContext, t: Say): PaletteEntry[] {
  return clusters
    .filter(({ name }) => name !== cluster)
    .map(({ name, signedIn, server }) => {
      const href = samePageOf(name, pathname);
      return {
        id: `cluster-${name}`,
        label: signedIn ? t('search.switchTo', { cluster: name }) : t('search.signInTo', { cluster: name }),
        hint: server,
        href: signedIn ? href : paths.signIn(name, href),
      };
    });
}
