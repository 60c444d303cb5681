'use client';

import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useId } from 'react';
import { useText } from '@/components/ui/text';
import { sessionStore } from '@/lib/live/sessions';
import type { TabSession } from '@/lib/session/session-store';

/** Somebody else is signed in now than the one who wrote what is unsaved here. Nothing is sent before this is answered. */
export function OtherUserDialog({
  cluster,
  tab,
  before,
}: {
  cluster: string;
  tab: TabSession;
  before: string;
}) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const now = tab.session.user ?? '';
  return (
    <Modal isOpen variant="small" aria-labelledby={`${id}-title`} aria-describedby={`${id}-body`}>
      <ModalHeader
        title={t('signIn.other.title', { now })}
        titleIconVariant="warning"
        labelId={`${id}-title`}
      />
      <ModalBody id={`${id}-body`}>
        <p>{t('signIn.other.body', { before, now, cluster })}</p>
        <p>{t('signIn.other.consequence', { now })}</p>
      </ModalBody>
      <ModalFooter>
        <Button onClick={() => sessionStore.acceptUser(cluster)}>{t('signIn.other.accept', { now })}</Button>
        <Button variant="secondary" onClick={() => sessionStore.ask(cluster, true)}>
          {t('signIn.other.switch')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
