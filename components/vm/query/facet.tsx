'use client';

import { Button, Checkbox } from '@patternfly/react-core';
import { MinusCircleIcon } from '@patternfly/react-icons';
import { css } from '@patternfly/react-styles';
import { type ReactNode, useId, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { VmDimension, VmGroup } from '@/lib/kinds/vm/dimensions';
import { dimensionTerm, hasTerm, toggleTerm, withoutTerm } from '@/lib/kinds/vm/language/edit';
import type { Tone } from '@/lib/kinds/vm/status';
import styles from './query.module.css';

export type FacetGroups = { groups: VmGroup[]; more: number };

/** As many values show at first; a facet may have a hundred. */
const FIRST_VALUES = 6;

/**
 * One facet. Its values come as `found`, or from `children`, which are asked for nothing while the facet is folded.
 */
export function Facet({
  dimension,
  title,
  text,
  onChange,
  found,
  children,
  isFolded = false,
}: {
  dimension: VmDimension;
  title: string;
  /** The query's. */
  text: string;
  onChange: (text: string) => void;
  found?: FacetGroups | undefined;
  children?: (show: (found: FacetGroups | undefined) => ReactNode) => ReactNode;
  isFolded?: boolean;
}) {
  const [isOpen, setOpen] = useState(!isFolded);
  const values = (all: FacetGroups | undefined) => (
    <FacetValues dimension={dimension} title={title} found={all} text={text} onChange={onChange} />
  );
  // A facet that nobody has a value of would only stand in the way.
  if (!children && !found?.groups.some(({ value }) => value !== '')) return null;
  return (
    <details className={styles.facet} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen && (children ? children(values) : values(found))}
    </details>
  );
}

function FacetValues({
  dimension,
  title,
  found,
  text,
  onChange,
}: {
  dimension: VmDimension;
  title: string;
  found: FacetGroups | undefined;
  text: string;
  onChange: (text: string) => void;
}) {
  const t = useText();
  const [isLong, setLong] = useState(false);
  if (!found) return <p className={styles.subtle}>{t('query.facets.loading')}</p>;
  if (found.groups.length === 0) return <p className={styles.subtle}>{t('query.facets.empty')}</p>;
  const shown = isLong ? found.groups : found.groups.slice(0, FIRST_VALUES);
  const hidden = found.groups.length - FIRST_VALUES;
  return (
    <>
      <ul aria-label={title}>
        {shown.map((group) => (
          <FacetValue key={group.value} dimension={dimension} group={group} text={text} onChange={onChange} />
        ))}
      </ul>
      {hidden > 0 && (
        <Button variant="link" isInline onClick={() => setLong(!isLong)}>
          {isLong ? t('query.facets.fewer') : t('query.facets.more', { count: hidden })}
        </Button>
      )}
      {isLong && found.more > 0 && (
        <p className={styles.subtle}>{t('query.facets.left', { count: found.more })}</p>
      )}
    </>
  );
}

function FacetValue({
  dimension,
  group: { value, total },
  text,
  onChange,
}: {
  dimension: VmDimension;
  group: VmGroup;
  text: string;
  onChange: (text: string) => void;
}) {
  const t = useText();
  const id = useId();
  const term = dimensionTerm(dimension, value);
  const not = `-${term}`;
  const isExcluded = hasTerm(text, not);
  const name =
    value === '' ? t('query.none') : dimension === 'tone' ? t(`query.tone.${value as Tone}`) : value;
  return (
    <li className={css(styles.value, isExcluded && styles.excluded)}>
      <Checkbox
        id={id}
        className={styles.check ?? ''}
        label={<span className={value === '' ? styles.subtle : undefined}>{name}</span>}
        aria-label={t('query.facets.value', { value: name, count: total })}
        isChecked={hasTerm(text, term)}
        onChange={() => onChange(toggleTerm(withoutTerm(text, not), term))}
      />
      <Button
        variant="plain"
        hasNoPadding
        size="sm"
        className={styles.not ?? ''}
        icon={<MinusCircleIcon />}
        aria-pressed={isExcluded}
        aria-label={t('query.facets.exclude', { value: name })}
        title={
          isExcluded
            ? t('query.facets.excluded', { value: name })
            : t('query.facets.exclude', { value: name })
        }
        onClick={() => onChange(toggleTerm(withoutTerm(text, term), not))}
      />
      <span className={styles.count} aria-hidden="true">
        {total}
      </span>
    </li>
  );
}
