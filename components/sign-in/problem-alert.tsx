'use client';

import { Alert } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { useFromNow } from '@/components/ui/use-now';
import { text } from '@/lib/text';
import type { SignInProblem } from './problem';
import styles from './sign-in.module.css';

/** What went wrong, what to do, and beside it the words of whoever refused. Read out as it appears. */
export function ProblemAlert({ problem, id }: { problem: SignInProblem; id?: string }) {
  const t = useText();
  const { title, hint, words, retryAt } = problem;
  const seconds = useFromNow((now) =>
    retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000)),
  );
  return (
    <div role="alert" id={id}>
      <Alert isInline variant="danger" title={t(title)}>
        <p>{seconds > 0 ? t(text('signIn.problem.tooManyIn', { seconds })) : t(hint)}</p>
        {words && (
          <figure className={styles.words}>
            <figcaption>{t('signIn.problem.words')}</figcaption>
            <blockquote>{words}</blockquote>
          </figure>
        )}
      </Alert>
    </div>
  );
}
