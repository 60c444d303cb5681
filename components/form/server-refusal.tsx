'use client';

import { Alert } from '@patternfly/react-core';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import type { ApiErrorJson } from '@/lib/k8s/error';
import { explain } from '@/lib/k8s/explain';

/** A refusal above the buttons: in full when it speaks of no line, else a pointer to the lines that it marks. */
export function ServerRefusal({
  error,
  rest,
  isPlaced,
}: {
  error: ApiErrorJson;
  /** The sentences that name no field. */
  rest: readonly string[];
  isPlaced: boolean;
}) {
  const t = useText();
  if (!isPlaced) return <ErrorAlert error={error} />;
  return (
    <Alert isInline variant="danger" title={t(`errors.${explain(error)}`)}>
      <p>{t('yaml.refusal.atLines')}</p>
      {rest.map((words) => (
        <p key={words}>{words}</p>
      ))}
    </Alert>
  );
}
