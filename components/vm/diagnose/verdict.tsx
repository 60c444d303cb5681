'use client';

import { Button } from '@patternfly/react-core';
import { useEffect, useRef, useState } from 'react';
import { ActionButton } from '@/components/ui/action-button';
import type { ActionItem } from '@/components/ui/action-item';
import { Copyable } from '@/components/ui/copyable';
import { StatusLabel, type StatusTone } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import type { Diagnosis } from '@/lib/kinds/vm/diagnose/diagnose';
import type { Finding, Offer, Severity } from '@/lib/kinds/vm/diagnose/finding';
import { paths } from '@/lib/paths';
import styles from './diagnose.module.css';

export const TONES: Record<Severity, StatusTone> = {
  broken: 'danger',
  waiting: 'warning',
  attention: 'warning',
  progress: 'progress',
  off: 'off',
  note: 'off',
  fine: 'success',
};

/** The one sentence, what to do, and where. */
export function Verdict({
  target,
  diagnosis,
  addresses,
  items,
}: {
  target: Ref;
  diagnosis: Diagnosis;
  addresses: string[];
  items: ActionItem[];
}) {
  const t = useText();
  const { verdict, isReady, user } = diagnosis;
  return (
    <div className={styles.verdict}>
      <div>
        <StatusLabel tone={TONES[verdict.severity]}>{t(`diagnose.severity.${verdict.severity}`)}</StatusLabel>
      </div>
      <p className={styles.sentence}>
        {isReady && verdict.severity === 'fine' && <strong>{t('diagnose.ready')}. </strong>}
        {t(verdict.sentence)}
      </p>
      <FindingWords finding={verdict} />
      {isReady && (
        <div className={styles.objects}>
          {user && <span>{t('diagnose.readyAs', { user })}</span>}
          {addresses.map((address) => (
            <Copyable key={address} label={t('diagnose.readyAddress', { address })}>
              {address}
            </Copyable>
          ))}
        </div>
      )}
      <div className={styles.buttons}>
        <OfferButton target={target} offer={verdict.offer} items={items} variant="primary" />
        {isReady && verdict.offer?.kind !== 'console' && (
          <OfferButton target={target} offer={{ kind: 'console' }} items={items} variant="secondary" />
        )}
      </div>
      <Announcement finding={verdict} />
    </div>
  );
}

/** What to do, and the cluster's own words under it. */
export function FindingWords({ finding: { todo, words } }: { finding: Finding }) {
  const t = useText();
  return (
    <>
      {todo && (
        <p className={styles.todo}>
          <strong>{t('diagnose.todo')}: </strong>
          {t(todo)}
        </p>
      )}
      {words.map((each) => (
        <p key={each} className={styles.words}>
          {each}
        </p>
      ))}
    </>
  );
}

/** Where something can be done about it: an action, a part of the configuration, an object. */
export function OfferButton({
  target,
  offer,
  items,
  variant,
}: {
  target: Ref;
  offer: Offer | undefined;
  items: ActionItem[];
  variant: 'primary' | 'secondary' | 'link';
}) {
  const t = useText();
  if (!offer) return null;
  if (offer.kind === 'action') {
    const item = items.find(({ id }) => id === offer.id);
    return item ? <ActionButton item={item} variant={variant} /> : null;
  }
  const [href, words] = linkOf(target, offer, t);
  return (
    <Button variant={variant} component="a" href={href} isInline={variant === 'link'}>
      {words}
    </Button>
  );
}

function linkOf(
  target: Ref,
  offer: Exclude<Offer, { kind: 'action' }>,
  t: ReturnType<typeof useText>,
): [href: string, words: string] {
  switch (offer.kind) {
    case 'console':
      return [paths.vm(target, 'console'), t('diagnose.offer.console')];
    case 'section':
      return [paths.vmSection(target, offer.section), t('diagnose.offer.section')];
    case 'object':
      return [
        paths.object({ cluster: target.cluster, ...offer.object }),
        t('diagnose.offer.object', { kind: offer.object.resource.kind, name: offer.object.name }),
      ];
  }
}

/** Says the sentence to a screen reader when it becomes another one, and not for every second that it counts. */
function Announcement({ finding }: { finding: Finding }) {
  const t = useText();
  const latest = useRef(finding);
  latest.current = finding;
  const [said, setSaid] = useState('');
  const { cause, step } = finding;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another cause or step is what is worth saying
  useEffect(() => setSaid(t(latest.current.sentence)), [cause, step, t]);
  return (
    <span className="pf-v6-screen-reader" role="status">
      {said}
    </span>
  );
}
