'use client';

import { Modal, ModalBody, ModalHeader, Title } from '@patternfly/react-core';
import { Fragment } from 'react';
import { useText } from '@/components/ui/text';
import { SHORTCUTS, type Shortcut } from './shortcuts';
import styles from './shortcuts.module.css';

/** Every keyboard shortcut, in one place. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const t = useText();
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="shortcut-sheet">
      <ModalHeader title={t('shortcuts.title')} labelId="shortcut-sheet" />
      <ModalBody>
        <div className={styles.groups}>
          {SHORTCUTS.map(({ title, shortcuts }) => (
            <section key={title} aria-label={t(title)}>
              <Title headingLevel="h2" size="md">
                {t(title)}
              </Title>
              <dl className={styles.list}>
                {shortcuts.map((shortcut) => (
                  <Fragment key={shortcut.keys.join()}>
                    <dt>
                      <Keys shortcut={shortcut} />
                    </dt>
                    <dd>{t(shortcut.does)}</dd>
                  </Fragment>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </ModalBody>
    </Modal>
  );
}

function Keys({ shortcut: { keys, inTurn } }: { shortcut: Shortcut }) {
  return keys.map((key, index) => (
    <Fragment key={key}>
      {index > 0 && (inTurn ? ' ' : ' + ')}
      <kbd className={styles.key}>{key}</kbd>
    </Fragment>
  ));
}
