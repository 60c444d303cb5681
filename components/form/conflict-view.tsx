'use client';

import { Alert, Button } from '@patternfly/react-core';
import { useMemo, useState } from 'react';
import { useText } from '@/components/ui/text';
import { fieldPathText } from '@/lib/manifest/field-path';
import { writeManifest } from '@/lib/manifest/write';
import styles from './form.module.css';
import { editedObject, type ObjectEdit, threeWayText } from './object-edit';
import { ReasonedButton } from './reasoned-button';
import { YamlDiff } from './yaml-diff';

const NOTHING = '';

/**
 * Both sides of a change that met another: what is on the server, and the edit with everything taken in that didn't
 * clash. The edit can be changed here, or take over pieces of the other side, and is then saved.
 */
export function ConflictView({
  edit,
  onSettle,
  onTakeTheirs,
  onBack,
}: {
  edit: ObjectEdit;
  onSettle: (text: string) => void;
  onTakeTheirs: () => void;
  onBack: () => void;
}) {
  const t = useText();
  const theirs = useMemo(() => (edit.ahead ? writeManifest(edit.ahead.latest) : NOTHING), [edit.ahead]);
  const [mine, setMine] = useState(() => threeWayText(edit));
  const fields = edit.ahead?.conflicts.map(fieldPathText).join(', ') ?? '';
  const isReadable = useMemo(() => editedObject(mine) !== undefined, [mine]);
  return (
    <div className={styles.form}>
      <Alert isInline variant="warning" title={t('yaml.conflict.title')}>
        <p>{fields ? t('yaml.conflict.fields', { fields }) : t('yaml.conflict.unreadable')}</p>
        <p>{t('yaml.conflict.how')}</p>
      </Alert>
      <YamlDiff
        className={styles.editor ?? ''}
        before={theirs}
        after={mine}
        beforeLabel={t('yaml.conflict.theirs')}
        afterLabel={t('yaml.conflict.mine')}
        onChange={setMine}
      />
      <div className={`${styles.buttons} ${styles.sticky}`}>
        <ReasonedButton
          label={t('yaml.conflict.save')}
          reason={isReadable ? undefined : t('yaml.object.hasErrors')}
          onClick={() => onSettle(mine)}
        />
        <Button variant="secondary" onClick={onTakeTheirs}>
          {t('yaml.conflict.takeTheirs')}
        </Button>
        <Button variant="link" onClick={onBack}>
          {t('yaml.conflict.back')}
        </Button>
      </div>
    </div>
  );
}
