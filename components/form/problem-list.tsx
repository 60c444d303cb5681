'use client';

import { Button, Icon } from '@patternfly/react-core';
import { ExclamationCircleIcon, ExclamationTriangleIcon, InfoCircleIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import type { Problem, Severity } from '@/lib/manifest/problem';
import styles from './form.module.css';

const MAX_SHOWN = 50;

const ICONS: Record<Severity, { status: 'danger' | 'warning' | 'info'; icon: typeof InfoCircleIcon }> = {
  error: { status: 'danger', icon: ExclamationCircleIcon },
  warning: { status: 'warning', icon: ExclamationTriangleIcon },
  info: { status: 'info', icon: InfoCircleIcon },
};

/** What is to be said about a text, each with its line, which leads there. */
export function ProblemList({
  problems,
  onReveal,
}: {
  problems: readonly Problem[];
  onReveal: (offset: number) => void;
}) {
  const t = useText();
  if (problems.length === 0) return null;
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  return (
    <section aria-label={t('yaml.problems.title')}>
      <p className="pf-v6-screen-reader" role="status">
        {t('yaml.problems.count', { errors, others: problems.length - errors })}
      </p>
      <ul className={styles.problems}>
        {problems.slice(0, MAX_SHOWN).map((problem) => {
          const { status, icon: Glyph } = ICONS[problem.severity];
          const words = t(problem.message);
          return (
            <li key={`${problem.range.from} ${problem.message.key} ${words}`}>
              <Icon status={status} isInline>
                <Glyph title={t(`yaml.problems.${problem.severity}`)} />
              </Icon>
              <Button variant="link" isInline onClick={() => onReveal(problem.range.from)}>
                {t('yaml.problems.line', { line: problem.range.line })}
              </Button>
              <span className={styles.words}>{words}</span>
            </li>
          );
        })}
      </ul>
      {problems.length > MAX_SHOWN && (
        <p>{t('yaml.problems.more', { count: problems.length - MAX_SHOWN })}</p>
      )}
    </section>
  );
}
