'use client';

import {
  CubesIcon,
  FolderIcon,
  FolderOpenIcon,
  LayerGroupIcon,
  ProjectDiagramIcon,
  ServerIcon,
  TagIcon,
} from '@patternfly/react-icons';
import { type ReactNode, useState } from 'react';
import { useText } from '@/components/ui/text';
import { MAX_GROUPS } from '@/lib/inventory/protocol';
import type { VmDimension } from '@/lib/kinds/vm/dimensions';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { byValue, type FolderEntry, folderTree, isWide, placeKey, type TreeView } from '@/lib/kinds/vm/tree';
import { useVmGroups } from '@/lib/live/use-live';
import { useTreeScope } from './tree-context';
import { TreeItem, TreeNote } from './tree-item';
import { keptFolders, useTreeMemory } from './tree-memory';

const FIRST_ENTRIES = 100;

/** What all views of a tree are told. */
export interface BranchesOptions {
  /** Namespaces to look into where the whole cluster may not be listed. */
  known: string[];
  /** What the names of the entries must contain. */
  filter: string;
}

/** What a value is found by on the server, where there may be more than were sent; typed signs stay literal. */
function filterText(field: string, filter: string): string {
  return /^[\w.-]+$/.test(filter) ? `${field}*${filter}*` : '';
}

function useEntries(
  dimension: VmDimension,
  query: { namespaces: string[]; text: string },
  { known, filter }: BranchesOptions,
) {
  const { cluster } = useTreeScope();
  const [limit, setLimit] = useState(FIRST_ENTRIES);
  const asked = { ...DEFAULT_VM_QUERY, ...query };
  const { groups, feed } = useVmGroups(cluster, asked, [dimension], { known, limit });
  const found = groups?.groups[dimension];
  const wanted = filter.toLowerCase();
  const entries = found?.groups
    .filter(({ value }) => !wanted || value.toLowerCase().includes(wanted))
    .sort(byValue);
  const more = found?.more ?? 0;
  return {
    entries,
    feed,
    more,
    showMore: more > 0 && limit < MAX_GROUPS ? () => setLimit(MAX_GROUPS) : undefined,
  };
}

/** What stands below the entries of a level: that it loads, that there is nothing, or that there is more. */
function LevelEnd({
  of,
  level: { entries, feed, more, showMore },
  filter,
}: {
  of: string;
  level: ReturnType<typeof useEntries>;
  filter: string;
}) {
  const t = useText();
  if (!entries) {
    return (
      <TreeNote noteKey={`${of}/loading`}>
        {t(feed.state === 'refused' ? 'tree.refused' : 'common.loading')}
      </TreeNote>
    );
  }
  if (more > 0) {
    return (
      <TreeNote noteKey={`${of}/more`} {...(showMore ? { onChoose: showMore } : {})}>
        {t(showMore ? 'tree.more' : 'tree.moreFiltered', { count: more })}
      </TreeNote>
    );
  }
  if (entries.length === 0) {
    return <TreeNote noteKey={`${of}/nothing`}>{t(filter ? 'tree.nothing' : 'tree.empty')}</TreeNote>;
  }
  return null;
}

/** Namespaces, and the folders in each. */
export function NamespaceBranches(options: BranchesOptions) {
  const { cluster } = useTreeScope();
  const memory = useTreeMemory();
  const { filter, known } = options;
  const level = useEntries('namespace', { namespaces: [], text: filterText('namespace:', filter) }, options);
  // Only a namespace with folders can be unfolded, and to know which has some takes one more count of all.
  const inFolders = { ...DEFAULT_VM_QUERY, text: '-folder:none' };
  const { groups } = useVmGroups(cluster, inFolders, ['namespace'], { known, limit: MAX_GROUPS });
  const foldered = new Set(groups?.groups.namespace?.groups.map(({ value }) => value));
  return (
    <>
      {level.entries?.map((group) => {
        const namespace = group.value;
        const kept = keptFolders(memory, cluster, namespace);
        return (
          <TreeItem
            key={namespace}
            place={{ kind: 'namespace', namespace }}
            name={namespace}
            sum={group}
            icon={<ProjectDiagramIcon />}
            isBranch={foldered.has(namespace) || kept.length > 0}
          >
            {() => <FolderBranches namespace={namespace} kept={kept} />}
          </TreeItem>
        );
      })}
      <LevelEnd of="namespace" level={level} filter={filter} />
    </>
  );
}

function FolderBranches({ namespace, kept }: { namespace: string; kept: string[] }) {
  const t = useText();
  const { cluster } = useTreeScope();
  const query = { ...DEFAULT_VM_QUERY, namespaces: [namespace] };
  const { groups } = useVmGroups(cluster, query, ['folder'], { limit: MAX_GROUPS });
  const found = groups?.groups.folder;
  if (!found) return <TreeNote noteKey={`folder/${namespace}/loading`}>{t('common.loading')}</TreeNote>;
  return <FolderItems namespace={namespace} entries={folderTree(found.groups, kept)} />;
}

function FolderItems({ namespace, entries }: { namespace: string; entries: FolderEntry[] }): ReactNode {
  const { isOpen } = useTreeScope();
  return entries.map(({ folder, name, sum, children }) => {
    const place = { kind: 'folder', namespace, folder } as const;
    return (
      <TreeItem
        key={folder}
        place={place}
        name={name}
        sum={sum}
        icon={isOpen(placeKey(place)) ? <FolderOpenIcon /> : <FolderIcon />}
        isBranch={children.length > 0}
      >
        {() => <FolderItems namespace={namespace} entries={children} />}
      </TreeItem>
    );
  });
}

const ICONS = {
  node: <ServerIcon />,
  label: <TagIcon />,
  application: <CubesIcon />,
};

/** The values of one dimension, in the namespaces that are chosen. */
export function ValueBranches({
  view,
  dimension,
  ...options
}: BranchesOptions & { view: Exclude<TreeView, 'folder'>; dimension: VmDimension }) {
  const t = useText();
  const { query } = useTreeScope();
  const { filter } = options;
  const field = dimension.startsWith('label:') ? `${dimension}=` : `${dimension}:`;
  const level = useEntries(
    dimension,
    { namespaces: query.namespaces, text: filterText(field, filter) },
    options,
  );
  return (
    <>
      {level.entries?.map((group) => (
        <TreeItem
          key={group.value}
          place={{ kind: 'value', dimension, value: group.value }}
          name={group.value || t(`tree.none.${view}`)}
          sum={group}
          icon={ICONS[view]}
        />
      ))}
      <LevelEnd of={dimension} level={level} filter={filter} />
    </>
  );
}

/** The entry above all others, which takes the narrowing back. */
export function AllEntry({ dimension, known }: { dimension: VmDimension; known: string[] }) {
  const t = useText();
  const { cluster, query } = useTreeScope();
  const namespaces = dimension === 'folder' ? [] : query.namespaces;
  const { groups } = useVmGroups(cluster, { ...DEFAULT_VM_QUERY, namespaces }, [], { known });
  return (
    <TreeItem
      place={undefined}
      isChosen={isWide(query, dimension)}
      isSpaced={dimension === 'folder'}
      name={t(namespaces.length > 0 ? 'tree.allChosen' : 'tree.all')}
      sum={groups?.all}
      icon={<LayerGroupIcon />}
    />
  );
}
