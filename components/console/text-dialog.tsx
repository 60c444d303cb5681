'use client';

import {
  Button,
  Checkbox,
  Form,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  TextArea,
} from '@patternfly/react-core';
import { useId, useState } from 'react';
import { useText } from '@/components/ui/text';
import { typingPlan } from '@/lib/console/typing';
import type { ConsoleKind } from '@/lib/paths';

/** Text to be typed into the guest, seen as a whole before its first Enter arrives there. */
export function TextDialog({
  name,
  kind,
  initial,
  onSend,
  onClose,
}: {
  name: string;
  kind: ConsoleKind;
  initial: string;
  onSend: (text: string) => void;
  onClose: () => void;
}) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const [draft, setDraft] = useState(initial);
  const [withEnter, setWithEnter] = useState(false);
  const [refused, setRefused] = useState(false);
  const untypable = kind === 'vnc' ? typingPlan(draft).untypable : [];
  const lines = draft.split('\n').length;

  const insert = async () => {
    try {
      const clip = await navigator.clipboard.readText();
      setDraft((before) => before + clip);
      setRefused(false);
    } catch {
      setRefused(true);
    }
  };
  const send = () => {
    onSend(withEnter ? `${draft}\n` : draft);
    onClose();
  };

  return (
    <Modal
      isOpen
      variant="small"
      onClose={onClose}
      aria-labelledby={`${id}-title`}
      elementToFocus={`#${id}-text`}
    >
      <ModalHeader title={t('consoles.text.title', { name })} labelId={`${id}-title`} />
      <ModalBody>
        <Form onSubmit={(event) => event.preventDefault()}>
          <FormGroup label={t('consoles.text.field')} fieldId={`${id}-text`}>
            <TextArea
              id={`${id}-text`}
              value={draft}
              onChange={(_, value) => setDraft(value)}
              rows={6}
              resizeOrientation="vertical"
              className="portlight-mono"
              spellCheck={false}
              aria-describedby={`${id}-help`}
            />
            <FormHelperText id={`${id}-help`}>
              <HelperText isLiveRegion>
                <HelperTextItem>
                  {t(kind === 'vnc' ? 'consoles.text.helpVnc' : 'consoles.text.helpSerial')}
                </HelperTextItem>
                {lines > 1 && (
                  <HelperTextItem variant="warning">
                    {t('consoles.text.lines', { lines, characters: draft.length })}
                  </HelperTextItem>
                )}
                {untypable.length > 0 && (
                  <HelperTextItem variant="warning">
                    {t('consoles.text.untypable', {
                      count: untypable.length,
                      characters: untypable.slice(0, 20).join(' '),
                    })}
                  </HelperTextItem>
                )}
                {refused && (
                  <HelperTextItem variant="error">{t('consoles.text.clipboardRefused')}</HelperTextItem>
                )}
              </HelperText>
            </FormHelperText>
          </FormGroup>
          <Checkbox
            id={`${id}-enter`}
            label={t('consoles.text.enter')}
            isChecked={withEnter}
            onChange={(_, checked) => setWithEnter(checked)}
          />
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button onClick={send} isAriaDisabled={draft === ''}>
          {t('consoles.text.send')}
        </Button>
        <Button variant="secondary" onClick={() => void insert()}>
          {t('consoles.text.fromClipboard')}
        </Button>
        <Button variant="link" onClick={onClose}>
          {t('consoles.text.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
