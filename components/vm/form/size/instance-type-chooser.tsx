'use client';

import { Alert, AlertActionLink, SearchInput, Skeleton } from '@patternfly/react-core';
import { useId, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { JsonObject } from '@/lib/k8s/json';
import {
  INSTANCETYPE,
  type Matcher,
  type Removed,
  type SizeOffer,
  sizeSeries,
  withInstanceType,
} from '@/lib/kinds/vm/form/instance-type';
import { text } from '@/lib/text';
import { Choice } from '../choice';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { onVm, type PlacedProblem, useField, useVmForm } from '../vm-form';
import styles from './size.module.css';
import { amountsText, seriesText, traitsText } from './size-words';
import { useInstanceTypes } from './use-offers';

const ALL = 'all';

/** Chooses an instance type from tiles by series, or by its name where they may not be listed. */
export function InstanceTypeChooser() {
  const t = useText();
  const { cluster, namespace, draft, change } = useVmForm();
  const { value, problems, applies, locked } = useField(INSTANCETYPE);
  const { offers, isLoading, error, find } = useInstanceTypes(cluster, namespace);
  const [typed, setTyped] = useState('');
  const [series, setSeries] = useState<string>();
  const [removed, setRemoved] = useState<readonly Removed[]>([]);
  const group = useId();

  const chosen = find(value);
  const all = sizeSeries(offers);
  const shownSeries =
    series ?? all.find((each) => chosen && each.offers.some(isChosen))?.id ?? all[0]?.id ?? ALL;
  const wanted = typed.trim().toLowerCase();
  const shown = all
    .filter(({ id }) => wanted !== '' || shownSeries === ALL || id === shownSeries)
    .map((each) => ({ ...each, offers: each.offers.filter((offer) => matches(offer, each.title)) }))
    .filter((each) => each.offers.length > 0);
  const conflicts = value.name ? withInstanceType(draft.vm, value, chosen?.spec ?? {}).removed : [];
  const choose = (matcher: Pick<Matcher, 'name' | 'kind'>, spec: JsonObject = {}) => {
    setRemoved(withInstanceType(draft.vm, matcher, spec).removed);
    change(onVm((vm) => withInstanceType(vm, matcher, spec).vm));
  };
  const unknown: PlacedProblem = {
    path: 'spec.instancetype',
    severity: 'warning',
    message: text('compute.size.unknown', { name: value.name }),
  };

  if (isLoading) return <Skeleton height="12rem" screenreaderText={t('common.loading')} />;
  if (offers.length === 0)
    return (
      <FormField
        id={INSTANCETYPE.id}
        label={t('compute.size.instanceType')}
        help={t(error?.code === 404 ? 'compute.size.noKind' : 'compute.size.none')}
        problems={problems}
        applies={applies}
      >
        {(control) => (
          <Choice
            {...control}
            label={t('compute.size.instanceType')}
            options={[]}
            value={value.name}
            allowOther
            isDisabled={locked !== undefined}
            {...(error ? { error: t('compute.size.refused', { words: error.message }) } : {})}
            onChange={(name) => choose({ name, kind: '' })}
          />
        )}
      </FormField>
    );

  return (
    <FormField
      id={INSTANCETYPE.id}
      label={t('compute.size.instanceType')}
      role="radiogroup"
      problems={value.name !== '' && !chosen && !error ? [...problems, unknown] : problems}
      applies={applies}
      help={chosen && [value.name, amountsText(t, chosen), traitsText(t, chosen)].filter(Boolean).join(' · ')}
    >
      {() => (
        <div className={styles.series}>
          <div className={styles.tools}>
            <SearchInput
              aria-label={t('compute.size.find')}
              placeholder={t('compute.size.find')}
              value={typed}
              onChange={(_, next) => setTyped(next)}
              onClear={() => setTyped('')}
            />
            <Pick
              id={`${INSTANCETYPE.id}-series`}
              label={t('compute.size.series')}
              value={wanted === '' ? shownSeries : ALL}
              isDisabled={wanted !== ''}
              options={[
                ...all.map((each) => ({
                  value: each.id,
                  label: seriesText(t, each),
                  description: each.description,
                })),
                { value: ALL, label: t('compute.size.allSeries', { count: offers.length }) },
              ]}
              onChange={setSeries}
            />
          </div>
          {error && (
            <Alert
              isInline
              isPlain
              variant="warning"
              title={t('compute.size.refused', { words: error.message })}
            />
          )}
          {removed.length > 0 && conflicts.length === 0 && (
            <Alert isInline isLiveRegion variant="info" title={t('compute.size.removed')}>
              {listed(removed)}
            </Alert>
          )}
          {conflicts.length > 0 && (
            <Alert
              isInline
              variant="danger"
              title={t('compute.size.conflicts')}
              actionLinks={
                <AlertActionLink onClick={() => choose({ name: value.name, kind: value.kind }, chosen?.spec)}>
                  {t('compute.size.takeOut')}
                </AlertActionLink>
              }
            >
              {listed(conflicts)}
            </Alert>
          )}
          {shown.length === 0 && <p>{t('compute.size.noMatch', { count: offers.length })}</p>}
          {shown.map((each) => (
            <div key={each.id} className={styles.series}>
              <div className={styles.title}>{seriesText(t, each)}</div>
              {each.description && <div className={styles.description}>{each.description}</div>}
              <div className={styles.tiles}>
                {each.offers.map((offer) => (
                  <label key={`${offer.kind}/${offer.name}`} className={styles.tile}>
                    <input
                      type="radio"
                      name={group}
                      checked={isChosen(offer)}
                      disabled={locked !== undefined}
                      onChange={() => choose({ name: offer.name, kind: offer.kind }, offer.spec)}
                    />
                    <span className={styles.name}>{offer.name}</span>
                    <span className={styles.amounts}>{amountsText(t, offer)}</span>
                  </label>
                ))}
              </div>
            </div>
          ))}
        </div>
      )}
    </FormField>
  );

  function isChosen(offer: SizeOffer): boolean {
    return chosen !== undefined && offer.name === chosen.name && offer.kind === chosen.kind;
  }

  function matches(offer: SizeOffer, title: string): boolean {
    const said = `${offer.name} ${title} ${amountsText(t, offer)} ${offer.memory} ${traitsText(t, offer)}`;
    return wanted.split(/\s+/).every((word) => said.toLowerCase().includes(word));
  }
}

/** `domain.cpu.sockets (2), domain.memory.guest (4Gi)`. */
function listed(parts: readonly Removed[]): string {
  return parts.map(({ path, value }) => `${path} (${value})`).join(', ');
}
