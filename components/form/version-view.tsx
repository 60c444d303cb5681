'use client';

import { Button, FormSelect, FormSelectOption } from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { writeManifest } from '@/lib/manifest/write';
import { formatExactTime } from '@/lib/time';
import styles from './form.module.css';
import type { ObjectVersion } from './object-history';
import { YamlDiff } from './yaml-diff';

/** An earlier version of the object beside the text, and a way back to it. */
export function VersionView({
  versions,
  text,
  isReadOnly,
  onRestore,
}: {
  versions: readonly ObjectVersion[];
  text: string;
  isReadOnly: boolean;
  onRestore: (version: ObjectVersion) => void;
}) {
  const t = useText();
  const newestFirst = versions.toReversed();
  const [chosen, setChosen] = useState(newestFirst[1]?.id ?? newestFirst[0]?.id);
  const version = versions.find(({ id }) => id === chosen) ?? newestFirst[0];
  if (!version) return null;
  return (
    <>
      <div className={styles.tools}>
        <FormSelect
          className={styles.version ?? ''}
          aria-label={t('editor.version.label')}
          value={version.id}
          onChange={(_, id) => setChosen(Number(id))}
        >
          {newestFirst.map((each) => (
            <FormSelectOption
              key={each.id}
              value={each.id}
              label={[
                formatExactTime(each.at),
                t(`editor.version.${each.what}`),
                ...(each.by ? [t('editor.version.by', { manager: each.by })] : []),
              ].join(', ')}
            />
          ))}
        </FormSelect>
        <Button variant="secondary" isDisabled={isReadOnly} onClick={() => onRestore(version)}>
          {t('editor.version.restore')}
        </Button>
      </div>
      <YamlDiff
        key={version.id}
        className={styles.editor ?? ''}
        before={writeManifest(version.object)}
        after={text}
        beforeLabel={t('editor.version.then')}
        afterLabel={t('editor.version.text')}
      />
    </>
  );
}
