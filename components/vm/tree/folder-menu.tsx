'use client';

import { Dropdown, DropdownItem, DropdownList } from '@patternfly/react-core';
import { useEffect, useRef, useState } from 'react';
import { useText } from '@/components/ui/text';
import { DeleteFolderDialog, type FolderOf, NewFolderDialog, RenameFolderDialog } from './folder-dialogs';
import { type FolderMenuOf, useTreeScope } from './tree-context';
import { useDenials } from './use-drop';

type Dialog = { kind: 'new' | 'rename' | 'delete'; of: FolderOf; total: number };

/** The menu of a folder or namespace, at its entry, and the dialogs that it opens. */
export function FolderMenu({ menu, onClose }: { menu: FolderMenuOf | undefined; onClose: () => void }) {
  const t = useText();
  const { cluster, isOpen, toggle } = useTreeScope();
  const [dialog, setDialog] = useState<Dialog>();
  const anchor = useRef<HTMLButtonElement>(null);
  // Dropdown wants a button's ref, and only asks where it is and focuses it.
  anchor.current = (menu?.anchor as HTMLButtonElement | undefined) ?? anchor.current;
  const [shown, setShown] = useState<FolderMenuOf>();
  if (menu && shown !== menu) setShown(menu);
  const place = shown?.place;
  const denied = useDenials(cluster, menu && place ? [place.namespace] : []);
  const reason = place && denied(place.namespace);

  // One frame later than it is mounted, so that the first item gets the focus.
  const [isUp, setUp] = useState(false);
  useEffect(() => setUp(menu !== undefined), [menu]);

  if (!place || !shown) return null;
  const of = { cluster, namespace: place.namespace, folder: place.kind === 'folder' ? place.folder : '' };
  const toEntry = () => setTimeout(() => anchor.current?.closest<HTMLElement>('[role="treeitem"]')?.focus());
  const close = () => {
    onClose();
    toEntry();
  };
  const ask = (kind: Dialog['kind']) => {
    close();
    setDialog({ kind, of, total: shown.total });
  };
  const item = (kind: Dialog['kind'], label: string, needsRight: boolean) => (
    <DropdownItem
      key={kind}
      isDanger={kind === 'delete'}
      isAriaDisabled={needsRight && reason !== undefined}
      {...(needsRight && reason ? { tooltipProps: { content: t(reason), entryDelay: 0 } } : {})}
      onClick={() => ask(kind)}
    >
      {label}
    </DropdownItem>
  );
  const onDialogClose = () => {
    setDialog(undefined);
    toEntry();
  };

  return (
    <>
      <Dropdown
        isOpen={isUp && menu !== undefined}
        onOpenChange={(open) => !open && close()}
        toggle={{ toggleNode: <span />, toggleRef: anchor }}
        popperProps={{ position: 'left', appendTo: () => document.body }}
        shouldFocusFirstItemOnOpen
      >
        <DropdownList aria-label={t('tree.menu', { name: of.folder || of.namespace })}>
          {item('new', t('tree.newFolder.item'), false)}
          {of.folder && item('rename', t('tree.rename.item'), true)}
          {of.folder && item('delete', t('tree.delete.item'), true)}
        </DropdownList>
      </Dropdown>
      {dialog?.kind === 'new' && (
        <NewFolderDialog
          of={dialog.of}
          onClose={onDialogClose}
          onMade={(folder) => {
            // What was just made must be in sight: the namespace and all folders around it unfold.
            const { namespace } = dialog.of;
            const keys = [`namespace/${namespace}`];
            for (let at = folder.indexOf('/'); at > 0; at = folder.indexOf('/', at + 1)) {
              keys.push(`folder/${namespace}/${folder.slice(0, at)}`);
            }
            for (const key of keys) if (!isOpen(key)) toggle(key);
          }}
        />
      )}
      {dialog?.kind === 'rename' && <RenameFolderDialog {...dialog} onClose={onDialogClose} />}
      {dialog?.kind === 'delete' && <DeleteFolderDialog {...dialog} onClose={onDialogClose} />}
    </>
  );
}
