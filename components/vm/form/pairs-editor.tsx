'use client';

import { Button, TextArea, TextInput } from '@patternfly/react-core';
import { PlusIcon, TimesIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import styles from './form.module.css';

type Pairs = Readonly<Record<string, string>>;
type Row = readonly [key: string, value: string];

/** Rows of key and value such as labels. A row without a key is on its way and not part of the value yet. */
export function PairsEditor({
  id,
  value,
  onChange,
  keyLabel,
  valueLabel,
  addLabel,
  keyChoices = [],
  valueChoices,
  isDisabled = false,
  isLocked,
  'aria-describedby': describedBy,
}: {
  id: string;
  value: Pairs;
  onChange: (value: Pairs) => void;
  keyLabel: string;
  valueLabel: string;
  addLabel: string;
  keyChoices?: readonly string[];
  valueChoices?: (key: string) => readonly string[];
  isDisabled?: boolean;
  /** Keys that others own. */
  isLocked?: (key: string) => boolean;
  'aria-describedby'?: string;
}) {
  const t = useText();
  const [typed, setTyped] = useState<{ rows: readonly Row[]; became: string }>();
  const rows: readonly Row[] = typed && typed.became === spelled(value) ? typed.rows : Object.entries(value);
  const change = (next: readonly Row[]) => {
    const pairs = Object.fromEntries(next.filter(([key]) => key !== ''));
    setTyped({ rows: next, became: spelled(pairs) });
    if (spelled(pairs) !== spelled(value)) onChange(pairs);
  };
  const set = (index: number, row: Row) => change(rows.map((each, at) => (at === index ? row : each)));
  return (
    <div className={styles.rows}>
      {keyChoices.length > 0 && <Choices id={`${id}-keys`} choices={keyChoices} />}
      {rows.map(([key, each], index) => {
        const isFixed = isDisabled || isLocked?.(key) === true;
        const choices = valueChoices?.(key) ?? [];
        const isTwice = key !== '' && rows.some(([other], at) => other === key && at < index);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity while their key is typed.
          <div key={index} className={styles.pairRow}>
            <TextInput
              id={index === 0 ? id : `${id}-${index}`}
              aria-label={t('scheduling.pairs.cell', { label: keyLabel, number: index + 1 })}
              placeholder={keyLabel}
              value={key}
              isDisabled={isFixed}
              validated={isTwice ? 'error' : 'default'}
              aria-describedby={describedBy}
              autoComplete="off"
              {...(keyChoices.length > 0 ? { list: `${id}-keys` } : {})}
              onChange={(_, next) => set(index, [next, each])}
            />
            {each.includes('\n') ? (
              <TextArea
                aria-label={t('scheduling.pairs.cell', { label: valueLabel, number: index + 1 })}
                value={each}
                isDisabled={isFixed}
                aria-describedby={describedBy}
                resizeOrientation="vertical"
                onChange={(_, next) => set(index, [key, next])}
              />
            ) : (
              <TextInput
                aria-label={t('scheduling.pairs.cell', { label: valueLabel, number: index + 1 })}
                placeholder={valueLabel}
                value={each}
                isDisabled={isFixed}
                aria-describedby={describedBy}
                autoComplete="off"
                {...(choices.length > 0 ? { list: `${id}-values-${index}` } : {})}
                onChange={(_, next) => set(index, [key, next])}
              />
            )}
            {choices.length > 0 && <Choices id={`${id}-values-${index}`} choices={choices} />}
            <Button
              variant="plain"
              icon={<TimesIcon />}
              aria-label={t('scheduling.pairs.remove', { key: key || String(index + 1) })}
              isDisabled={isFixed}
              onClick={() => change(rows.filter((_, at) => at !== index))}
            />
            {isTwice && <div className={styles.rowProblem}>{t('scheduling.pairs.twice', { key })}</div>}
          </div>
        );
      })}
      <div>
        <Button
          variant="link"
          isInline
          icon={<PlusIcon />}
          isDisabled={isDisabled}
          onClick={() => change([...rows, ['', '']])}
        >
          {addLabel}
        </Button>
      </div>
    </div>
  );
}

function Choices({ id, choices }: { id: string; choices: readonly string[] }) {
  return (
    <datalist id={id}>
      {choices.map((choice) => (
        <option key={choice} value={choice} />
      ))}
    </datalist>
  );
}

/** The same text for the same pairs in whatever order. */
function spelled(pairs: Pairs): string {
  return JSON.stringify(Object.entries(pairs).sort(([a], [b]) => (a < b ? -1 : 1)));
}
