'use client';

import { Icon } from '@patternfly/react-core';
import { CheckCircleIcon, ExclamationCircleIcon, OutlinedCircleIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import type { VmSection } from '../form/sections';
import styles from './create.module.css';

export type StepState = 'untouched' | 'changed' | 'errors';

/** The steps, each with its state. They are links: a step has an address, and opens in another tab. */
export function StepNav({
  steps,
  current,
  states,
  hrefOf,
  onGo,
}: {
  steps: readonly VmSection[];
  current: string;
  states: ReadonlyMap<string, StepState>;
  hrefOf: (id: string) => string;
  onGo: (id: string) => void;
}) {
  const t = useText();
  return (
    <nav aria-label={t('create.steps.label')} className={styles.steps}>
      <ol>
        {steps.map(({ id, title }) => {
          const state = states.get(id) ?? 'untouched';
          return (
            <li key={id}>
              <a
                href={hrefOf(id)}
                className={styles.step}
                aria-current={id === current ? 'step' : undefined}
                onClick={(event) => {
                  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
                  event.preventDefault();
                  onGo(id);
                }}
              >
                <StateIcon state={state} />
                <span>{t(title)}</span>
                <span className="pf-v6-screen-reader">{t(`create.steps.${state}`)}</span>
              </a>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function StateIcon({ state }: { state: StepState }) {
  if (state === 'errors')
    return (
      <Icon status="danger" isInline>
        <ExclamationCircleIcon />
      </Icon>
    );
  if (state === 'changed')
    return (
      <Icon status="success" isInline>
        <CheckCircleIcon />
      </Icon>
    );
  return (
    <Icon isInline>
      <OutlinedCircleIcon className={styles.untouched} />
    </Icon>
  );
}
