'use client';

import { Alert, Button } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import type { Problem } from '@/lib/manifest/problem';
import styles from './create.module.css';
import { SEVERAL_STEP, stepOfPath } from './steps';
import type { CreateForm } from './use-create-form';

/** After an attempt to create: everything that has to be put right first, each with the way to it. */
export function ProblemSummary({
  lines,
  create,
  onReveal,
  onStep,
}: {
  lines: readonly Problem[];
  create: CreateForm;
  onReveal: (offset: number) => void;
  onStep: (id: string) => void;
}) {
  const t = useText();
  const errors = lines.filter(({ severity }) => severity === 'error');
  const isBatchWrong = create.batch.hasErrors;
  const count = errors.length + (isBatchWrong ? 1 : 0);
  if (count === 0) return null;
  const placed = create.form.problems;
  return (
    <Alert isInline variant="danger" title={t('create.summary.title', { count })}>
      <ul className={styles.summary}>
        {errors.map(({ message, range }) => {
          const words = t(message);
          const place = placed.find((each) => t(each.message) === words);
          const step = place && stepOfPath(place.path);
          return (
            <li key={`${range.from} ${words}`}>
              <Button variant="link" isInline onClick={() => (step ? onStep(step.id) : onReveal(range.from))}>
                {step ? t(step.title) : t('yaml.problems.line', { line: range.line })}
              </Button>{' '}
              {words}
            </li>
          );
        })}
        {isBatchWrong && (
          <li>
            <Button variant="link" isInline onClick={() => onStep(SEVERAL_STEP)}>
              {t('create.batch.title')}
            </Button>{' '}
            {t('create.batch.hasErrors')}
          </li>
        )}
      </ul>
    </Alert>
  );
}
