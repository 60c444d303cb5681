'use client';

import { Alert, FormSelect, FormSelectOption, SearchInput } from '@patternfly/react-core';
import { useDeferredValue, useState } from 'react';
import { useText } from '@/components/ui/text';
import { MAX_GROUPS } from '@/lib/inventory/protocol';
import type { VmDimension } from '@/lib/kinds/vm/dimensions';
import { TAG_PREFIX } from '@/lib/kinds/vm/labels';
import { DEFAULT_VM_QUERY, type VmQuery } from '@/lib/kinds/vm/query';
import { byValue, narrowTo, TREE_VIEWS, type TreeView, widen } from '@/lib/kinds/vm/tree';
import { useVmGroups } from '@/lib/live/use-live';
import { AllEntry, NamespaceBranches, ValueBranches } from './branches';
import { useVmDrag } from './drag';
import { FolderMenu } from './folder-menu';
import styles from './tree.module.css';
import { type FolderMenuOf, TreeContext } from './tree-context';
import { treeMemory, useTreeMemory } from './tree-memory';
import { TreeRoot } from './tree-root';
import { useDenials } from './use-drop';

export interface TreeOptions {
  cluster: string;
  /** Namespaces to look into where the whole cluster may not be listed. */
  known: string[];
  query: VmQuery;
  setQuery: (next: VmQuery, how: 'replace' | 'push') => void;
}

/** The tree with its choice of views, its filter and its menus. */
export function TreePanel({
  cluster,
  known: remembered,
  query,
  setQuery,
  onChosen,
}: TreeOptions & { onChosen?: () => void }) {
  const t = useText();
  // Who may not list the whole cluster has come by a link, perhaps, to a namespace that is not remembered.
  const known = [...new Set([...remembered, ...query.namespaces])].sort();
  const memory = useTreeMemory();
  const { view = 'folder', labelKey = '', open = [] } = memory;
  const dimension = dimensionOf(view, labelKey);
  const [active, setActive] = useState<string>();
  const [menu, setMenu] = useState<FolderMenuOf>();
  const [typed, setTyped] = useState('');
  const filter = useDeferredValue(typed.trim());
  const [words, setWords] = useState('');
  const drag = useVmDrag(cluster);
  const denied = useDenials(cluster, drag?.vms.map(({ namespace }) => namespace) ?? []);
  const denial = drag && [...new Set(drag.vms.map(({ namespace }) => namespace))].map(denied).find(Boolean);
  const nameOf = (key: string) => `${cluster} ${key}`;

  const scope = {
    cluster,
    query,
    active,
    setActive,
    isOpen: (key: string) => open.includes(nameOf(key)),
    toggle: (key: string) => treeMemory.toggleOpen(nameOf(key)),
    choose: (place: Parameters<typeof narrowTo>[1] | undefined) => {
      setQuery(place ? narrowTo(query, place) : widen(query, dimension), 'push');
      onChosen?.();
    },
    openMenu: setMenu,
    drag,
    denied,
    tell: setWords,
  };
  const options = { known, filter };
  return (
    <TreeContext value={scope}>
      <div className={styles.controls}>
        <FormSelect
          aria-label={t('tree.by')}
          value={view}
          onChange={(_, value) => {
            setTyped('');
            treeMemory.change({ view: value as TreeView });
          }}
        >
          {TREE_VIEWS.map((each) => (
            <FormSelectOption key={each} value={each} label={t(`tree.view.${each}`)} />
          ))}
        </FormSelect>
        {view === 'label' && <LabelKeys cluster={cluster} known={known} chosen={labelKey} />}
        <SearchInput
          aria-label={t(`tree.filter.${view}`)}
          placeholder={t(`tree.filter.${view}`)}
          value={typed}
          onChange={(_, value) => setTyped(value)}
          onClear={() => setTyped('')}
          resetButtonLabel={t('common.clear')}
        />
      </div>
      <TreeRoot key={dimension} label={`${t('tree.title')}: ${t(`tree.view.${view}`)}`}>
        <AllEntry dimension={dimension} known={known} />
        {view === 'folder' ? (
          <NamespaceBranches {...options} />
        ) : (
          <ValueBranches key={dimension} view={view} dimension={dimension} {...options} />
        )}
      </TreeRoot>
      {/* Below: what one is about to drop on must not move. */}
      {drag && (
        <Alert
          isInline
          isPlain
          variant={denial ? 'warning' : 'info'}
          title={
            denial
              ? t(denial)
              : t('tree.drop.hint', { count: drag.vms.length, name: drag.vms[0]?.name ?? '' })
          }
        />
      )}
      <p role="status" className={styles.words}>
        {words}
      </p>
      <FolderMenu menu={menu} onClose={() => setMenu(undefined)} />
    </TreeContext>
  );
}

function dimensionOf(view: TreeView, labelKey: string): VmDimension {
  if (view !== 'label') return view;
  return labelKey ? `label:${labelKey}` : 'tag';
}

/** Which label the tree goes by: tags, or one of the keys that there are. */
function LabelKeys({ cluster, known, chosen }: { cluster: string; known: string[]; chosen: string }) {
  const t = useText();
  const { groups } = useVmGroups(cluster, DEFAULT_VM_QUERY, ['labelKey'], { known, limit: MAX_GROUPS });
  const keys = groups?.groups.labelKey?.groups ?? [];
  const names = keys
    .filter(({ value }) => value && !value.startsWith(TAG_PREFIX))
    .sort(byValue)
    .map(({ value }) => value);
  const all = chosen && !names.includes(chosen) ? [chosen, ...names] : names;
  return (
    <FormSelect
      aria-label={t('tree.key')}
      value={chosen}
      onChange={(_, value) => treeMemory.change({ labelKey: value })}
    >
      <FormSelectOption value="" label={t('tree.tags')} />
      {all.map((key) => (
        <FormSelectOption key={key} value={key} label={key} />
      ))}
    </FormSelect>
  );
}
