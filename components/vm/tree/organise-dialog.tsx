'use client';

import { Button, Modal, ModalBody, ModalFooter, ModalHeader, Skeleton } from '@patternfly/react-core';
import { useId } from 'react';
import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import { folderChange } from '@/lib/kinds/vm/labels';
import { useNamedVms } from '@/lib/live/use-live';
import { useLabelChange } from './use-drop';
import { FolderEdit, VmLabels } from './vm-labels';

/** What a VM's menu offers beside its actions. */
export type Organising = 'folder' | 'labels';

/** Moves a VM to a folder, or shows its tags and labels to be changed: what dragging does, for everybody. */
export function OrganiseDialog({
  kind,
  target,
  onClose,
}: {
  kind: Organising;
  target: Ref;
  onClose: () => void;
}) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const { cluster, namespace, name } = target;
  const { rows, feed } = useNamedVms(cluster, [`${namespace}/${name}`]);
  const [vm] = rows;
  const run = useLabelChange(cluster);
  const content = () => {
    if (!vm)
      return feed.state === 'live' ? (
        t('tree.organise.gone')
      ) : (
        <Skeleton screenreaderText={t('common.loading')} />
      );
    if (kind === 'labels') return <VmLabels target={target} vm={vm} />;
    return (
      <FolderEdit
        target={target}
        folder={vm.folder}
        formId={id}
        onSave={(folder) => {
          if (folder !== vm.folder) void run(vm, folderChange(folder));
          onClose();
        }}
      />
    );
  };
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby={`${id}-title`}>
      <ModalHeader
        title={t(kind === 'folder' ? 'tree.organise.moveTitle' : 'tree.organise.labelsTitle', { name })}
        labelId={`${id}-title`}
      />
      <ModalBody>{content()}</ModalBody>
      <ModalFooter>
        {kind === 'folder' && (
          <Button type="submit" form={id} isAriaDisabled={!vm}>
            {t('tree.organise.moveVerb')}
          </Button>
        )}
        <Button variant="link" onClick={onClose}>
          {t(kind === 'folder' ? 'common.cancel' : 'tree.organise.close')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
