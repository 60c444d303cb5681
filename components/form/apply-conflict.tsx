'use client';

import { Alert, Button } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import type { OwnedField } from './save-whole';

/** Whose fields a refused apply would change, and the choice to take them over. */
export function ApplyConflict({
  fields,
  onForce,
  isSaving,
}: {
  fields: readonly OwnedField[];
  onForce: () => void;
  isSaving: boolean;
}) {
  const t = useText();
  return (
    <Alert
      isInline
      variant="warning"
      title={t('editor.owned.title')}
      actionLinks={
        <Button variant="link" isInline isLoading={isSaving} onClick={onForce}>
          {t('editor.owned.force')}
        </Button>
      }
    >
      <ul>
        {fields.map(({ field, owner }) => (
          <li key={`${field} ${owner}`}>{t('editor.owned.field', { field, owner })}</li>
        ))}
      </ul>
      <p>{t('editor.owned.how')}</p>
    </Alert>
  );
}
