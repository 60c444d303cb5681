'use client';

import { useDeferredValue, useMemo, useRef } from 'react';
import { ProblemList } from '@/components/form/problem-list';
import { YamlEditor, type YamlEditorHandle } from '@/components/form/yaml-editor';
import { useText } from '@/components/ui/text';
import {
  type GuestPart,
  guestText,
  withCloudInit,
  withGuestText,
} from '@/lib/kinds/vm/form/guest/cloud-init';
import { networkDataProblems, userDataProblems } from '@/lib/manifest/cloud-config/check-config';
import formStyles from '../form.module.css';
import { useVmForm } from '../vm-form';
import styles from './guest.module.css';
import { SizeNotice } from './place-part';

/** One of cloud-init's texts as it is, checked as one types. */
export function CloudInitText({ part }: { part: GuestPart }) {
  const t = useText();
  const { draft, change, locked } = useVmForm();
  const editor = useRef<YamlEditorHandle>(null);
  const { place, content } = guestText(draft, part);
  const shown = useDeferredValue(content ?? '');
  const problems = useMemo(
    () => (part === 'userData' ? userDataProblems(shown) : networkDataProblems(shown)),
    [part, shown],
  );
  if (content === undefined && place.form !== 'none')
    return (
      <p className={formStyles.note}>
        {t(place.form === 'secret' ? 'guest.text.secret' : 'guest.text.bytes', {
          name: place.form === 'secret' ? place.name : '',
        })}
      </p>
    );
  return (
    <>
      <YamlEditor
        ref={editor}
        className={(part === 'userData' ? styles.text : styles.short) ?? ''}
        label={t(`guest.text.${part}`)}
        value={content ?? ''}
        problems={problems}
        isReadOnly={locked !== undefined}
        onChange={(next) =>
          change((before) =>
            withGuestText(
              withCloudInit(before),
              part,
              part === 'networkData' && next === '' ? undefined : next,
            ),
          )
        }
      />
      <ProblemList problems={problems} onReveal={(offset) => editor.current?.reveal(offset)} />
      <SizeNotice part={part} />
    </>
  );
}
