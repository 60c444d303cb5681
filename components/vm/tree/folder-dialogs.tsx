'use client';

import { Alert, Button, Form, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { type ReactNode, useId, useState } from 'react';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useText } from '@/components/ui/text';
import { folderName, folderProblem, isInFolder, parentFolder, suggestFolder } from '@/lib/kinds/vm/labels';
import { MOVE_FOLDER } from '@/lib/kinds/vm/move-folder';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { folderTerm, movedFolder } from '@/lib/kinds/vm/tree';
import { fetchVmRows } from '@/lib/live/fetch-vm-rows';
import { useBulk } from '@/lib/live/use-bulk';
import { NameField } from './name-field';
import { keptFolders, treeMemory, useTreeMemory } from './tree-memory';
import { useFolders } from './use-folders';

/** A folder of one namespace; an empty path means the namespace itself. */
export interface FolderOf {
  cluster: string;
  namespace: string;
  folder: string;
}

interface DialogOptions {
  of: FolderOf;
  onClose: () => void;
}

/** Makes a folder, which only this browser knows of until a VM is in it. */
export function NewFolderDialog({
  of: { cluster, namespace, folder },
  onClose,
  onMade,
}: DialogOptions & { onMade: (folder: string) => void }) {
  const t = useText();
  const [name, setName] = useState('');
  const path = [folder, name].filter(Boolean).join('/');
  const problem = folderProblem(path);
  return (
    <FolderDialog
      title={t('tree.newFolder.title', { place: folder || namespace })}
      verb={t('tree.newFolder.verb')}
      isReady={name !== '' && !problem}
      onClose={onClose}
      onSubmit={() => {
        treeMemory.keepFolders(cluster, namespace, [path]);
        onMade(path);
        onClose();
      }}
    >
      {(id) => (
        <NameField
          id={id}
          label={t('tree.newFolder.name')}
          value={name}
          onChange={setName}
          problem={problem}
          suggestion={suggestFolder(name)}
          help={t('tree.newFolder.note')}
        />
      )}
    </FolderDialog>
  );
}

/** Gives a folder another name: the label of every VM in it changes. */
export function RenameFolderDialog({ of, total, onClose }: DialogOptions & { total: number }) {
  const t = useText();
  const { cluster, namespace, folder } = of;
  const [name, setName] = useState(folderName(folder));
  const { move, failed } = useFolderMove(of);
  const folders = useFolders(cluster, namespace);
  const target = [parentFolder(folder), name].filter(Boolean).join('/');
  // The longest path in it must still fit.
  const inside = folders.filter((each) => isInFolder(each, folder));
  const longest = inside
    .map((each) => movedFolder(each, folder, target))
    .sort((a, b) => b.length - a.length)[0];
  const problem = folderProblem(name.includes('/') ? '' : target) ?? folderProblem(longest ?? target);
  const isMerged = target !== folder && folders.includes(target);
  return (
    <FolderDialog
      title={t('tree.rename.title', { name: folder })}
      verb={t('tree.rename.verb')}
      isReady={!problem && target !== folder}
      onClose={onClose}
      onSubmit={async () => (await move(target)) && onClose()}
    >
      {(id) => (
        <>
          {failed && <Alert isInline variant="danger" title={t('tree.loadFailed')} />}
          <NameField
            id={id}
            label={t('tree.newFolder.name')}
            value={name}
            onChange={setName}
            problem={problem}
            suggestion={suggestFolder(name).replaceAll('/', '-')}
            help={`${t('tree.rename.note', { count: total })}${isMerged ? ` ${t('tree.rename.exists')}` : ''}`}
          />
        </>
      )}
    </FolderDialog>
  );
}

/** Takes a folder away: what is in it moves one level up. */
export function DeleteFolderDialog({ of, total, onClose }: DialogOptions & { total: number }) {
  const t = useText();
  const { namespace, folder } = of;
  const { move, failed } = useFolderMove(of);
  const parent = parentFolder(folder);
  return (
    <ConfirmDialog
      title={t('tree.delete.title', { name: folder })}
      verb={t('tree.delete.verb')}
      onCancel={onClose}
      onConfirm={async () => (await move(parent)) && onClose()}
    >
      {failed && <Alert isInline variant="danger" title={t('tree.loadFailed')} />}
      {t('tree.delete.up', {
        count: total,
        parent: parent || t('tree.delete.noFolder', { namespace }),
      })}
    </ConfirmDialog>
  );
}

/** Moves everything in a folder; false when nothing could be listed, and so nothing was done. */
function useFolderMove({ cluster, namespace, folder }: FolderOf) {
  const t = useText();
  const memory = useTreeMemory();
  const bulk = useBulk(t);
  const [failed, setFailed] = useState(false);
  const move = async (to: string): Promise<boolean> => {
    setFailed(false);
    const query = { ...DEFAULT_VM_QUERY, namespaces: [namespace], text: folderTerm(folder) };
    const runnable = await fetchVmRows(cluster, query).catch(() => undefined);
    if (!runnable) {
      setFailed(true);
      return false;
    }
    const kept = keptFolders(memory, cluster, namespace).filter((each) => isInFolder(each, folder));
    const moved = kept.map((each) => movedFolder(each, folder, to)).filter(Boolean);
    treeMemory.keepFolders(cluster, namespace, moved, kept);
    if (runnable.length > 0) {
      const input = { folder: { from: folder, to } };
      bulk.start({ cluster, action: MOVE_FOLDER, input, runnable, skipped: [] });
    }
    return true;
  };
  return { move, failed };
}

function FolderDialog({
  title,
  verb,
  isReady,
  onClose,
  onSubmit,
  children,
}: {
  title: string;
  verb: string;
  isReady: boolean;
  onClose: () => void;
  onSubmit: () => void;
  children: (id: string) => ReactNode;
}) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  return (
    <Modal
      isOpen
      variant="small"
      onClose={onClose}
      aria-labelledby={`${id}-title`}
      elementToFocus={`#${id}-name`}
    >
      <ModalHeader title={title} labelId={`${id}-title`} />
      <ModalBody>
        <Form
          id={`${id}-form`}
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady) onSubmit();
          }}
        >
          {children(`${id}-name`)}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form={`${id}-form`} isAriaDisabled={!isReady}>
          {verb}
        </Button>
        <Button variant="link" onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
