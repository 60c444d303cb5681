'use client';

import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { type ReactNode, useId } from 'react';
import { useText } from './text';

/** Asks before something is lost, and names what. The safe choice has the focus. */
export function ConfirmDialog({
  title,
  children,
  verb,
  onConfirm,
  onCancel,
  isReady = true,
}: {
  title: string;
  children: ReactNode;
  /** The word on the button that does it. */
  verb: string;
  onConfirm: () => void;
  onCancel: () => void;
  /** False while what would be lost is still being looked up. */
  isReady?: boolean;
}) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  return (
    <Modal
      isOpen
      variant="small"
      onClose={onCancel}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-body`}
      elementToFocus={`#${id}-cancel`}
    >
      <ModalHeader title={title} titleIconVariant="warning" labelId={`${id}-title`} />
      <ModalBody id={`${id}-body`}>{children}</ModalBody>
      <ModalFooter>
        <Button variant="danger" onClick={onConfirm} isAriaDisabled={!isReady}>
          {verb}
        </Button>
        <Button id={`${id}-cancel`} variant="link" onClick={onCancel}>
          {t('common.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
