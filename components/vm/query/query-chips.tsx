'use client';

import { Button, Label } from '@patternfly/react-core';
import { useMemo } from 'react';
import { useText } from '@/components/ui/text';
import { withoutSpan } from '@/lib/kinds/vm/language/edit';
import { parseVmText } from '@/lib/kinds/vm/language/parse';
import { printTerm } from '@/lib/kinds/vm/language/print';
import styles from './query.module.css';

/** The terms of the query, each with a button that takes it out. */
export function QueryChips({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const t = useText();
  const { terms, problems } = useMemo(() => parseVmText(text), [text]);
  if (terms.length === 0) return null;
  return (
    <div className={styles.chips}>
      <ul aria-label={t('query.terms')}>
        {terms.map((term) => {
          const isWrong = problems.some(({ start, incomplete }) => start === term.start && !incomplete);
          const printed = printTerm(term);
          return (
            <li key={`${term.start} ${printed}`}>
              <Label
                isCompact
                variant="outline"
                color={isWrong ? 'yellow' : 'grey'}
                textMaxWidth="20rem"
                onClose={() => onChange(withoutSpan(text, term))}
                closeBtnAriaLabel={t('query.remove', { term: printed })}
              >
                {printed}
              </Label>
            </li>
          );
        })}
      </ul>
      {terms.length > 1 && (
        <Button variant="link" isInline onClick={() => onChange('')}>
          {t('query.clear')}
        </Button>
      )}
    </div>
  );
}
