'use client';

import { Button } from '@patternfly/react-core';
import { ExclamationTriangleIcon } from '@patternfly/react-icons';
import { useEffect, useMemo, useState } from 'react';
import { useText } from '@/components/ui/text';
import { parseVmText } from '@/lib/kinds/vm/language/parse';
import styles from './query.module.css';

const REST_MS = 400;

/** What of the text is not understood, once typing rests. */
export function QueryProblems({
  text,
  caret,
  onMend,
}: {
  text: string;
  /** Undefined when nobody types. */
  caret: number | undefined;
  onMend: (text: string) => void;
}) {
  const t = useText();
  const [rested, setRested] = useState({ text, caret });
  useEffect(() => {
    const timer = setTimeout(() => setRested({ text, caret }), REST_MS);
    return () => clearTimeout(timer);
  }, [text, caret]);
  const problems = useMemo(
    () =>
      parseVmText(rested.text).problems.filter(
        ({ incomplete, end }) => !(incomplete && end === rested.caret),
      ),
    [rested],
  );
  // What was wrong a moment ago may be gone from the text already.
  if (rested.text !== text) return null;
  return problems.map(({ text: problem, mend, start, end }) => (
    <p key={start} className={styles.problem}>
      <ExclamationTriangleIcon className={styles.warning} aria-hidden /> {t(problem)}{' '}
      {mend && (
        <Button
          variant="link"
          isInline
          // The input keeps the focus, so that its leaving asks nothing.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onMend(text.slice(0, start) + mend + text.slice(end))}
        >
          {t('query.mend', { term: mend })}
        </Button>
      )}
    </p>
  ));
}
