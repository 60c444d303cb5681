'use client';

import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useId } from 'react';
import { useText } from '@/components/ui/text';
import { sessionStore, tabSessions } from '@/lib/live/sessions';
import { paths } from '@/lib/paths';
import type { TabSession } from '@/lib/session/session-store';
import styles from './sign-in.module.css';
import { Ways } from './ways';

/** Signs in again in place: the page behind keeps everything. */
export function SignInDialog({ tab }: { tab: TabSession }) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const { session, over } = tab;
  const { name: cluster, user, methods } = session;
  return (
    <Modal
      isOpen
      variant="small"
      onClose={() => sessionStore.ask(cluster, false)}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-why`}
    >
      <ModalHeader title={t('signIn.title', { cluster })} labelId={`${id}-title`} />
      <ModalBody>
        <div className={styles.stack}>
          <p id={`${id}-why`}>
            {over ? t(`signIn.over.${over.why}`, { cluster }) : t('signIn.ending.dialog', { cluster })}{' '}
            {over && user && t('signIn.over.as', { user })}
          </p>
          <Ways
            cluster={cluster}
            methods={methods}
            returnTo={paths.signedIn(cluster)}
            place="window"
            onSignedIn={(now) => void tabSessions().keeper.signedIn(cluster, now)}
          />
        </div>
      </ModalBody>
      <ModalFooter>
        <Button variant="link" onClick={() => sessionStore.ask(cluster, false)}>
          {t('signIn.over.later')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
