'use client';

import { Skeleton, Stack, StackItem } from '@patternfly/react-core';
import { Age } from '@/components/ui/age';
import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import { useFromNow } from '@/components/ui/use-now';
import { Section } from '@/components/vm/fact-list';
import type { Ref } from '@/lib/k8s/object';
import { type EventObject, eventRows } from '@/lib/kinds/event';
import type { Diagnosis } from '@/lib/kinds/vm/diagnose/diagnose';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import { vmRow } from '@/lib/kinds/vm/parts';
import { useDiagnosis, useLooks } from '@/lib/live/use-diagnosis';
import { formatDuration } from '@/lib/time';
import { useVmItems } from '../vm-actions';
import styles from './diagnose.module.css';
import { StepList } from './step-list';
import { FindingWords, OfferButton, TONES, Verdict } from './verdict';

const SECOND_MS = 1000;
/** Lines of the serial console that tell something. */
const SERIAL_LINES = 40;
const EVENTS = 30;

/** "Why isn't it running?", and how far a new machine has come, from its volumes to its first login. */
export function DiagnoseTab({ target, facts }: { target: Ref; facts: VmFacts }) {
  const t = useText();
  const looks = useLooks(target);
  const now = useFromNow((ms) => Math.floor(ms / SECOND_MS)) * SECOND_MS;
  const found = useDiagnosis(target, looks, now);
  const items = useVmItems(target, facts, true);
  if (!found) return <Skeleton height="16rem" screenreaderText={t('diagnose.looking')} />;
  const { diagnosis, evidence } = found;
  const { steps, others } = diagnosis;
  const serial = evidence.serial?.trim() ?? '';
  return (
    <Stack hasGutter>
      <StackItem>
        <Section title={t(diagnosis.isReady ? 'diagnose.runs' : 'diagnose.title')}>
          <Verdict
            target={target}
            diagnosis={diagnosis}
            addresses={vmRow(evidence.vm, evidence.vmi).ips}
            items={items}
          />
          <Hidden diagnosis={diagnosis} />
        </Section>
      </StackItem>
      {others.length > 0 && (
        <StackItem>
          <Section title={t('diagnose.others')}>
            <ul className={styles.others} aria-label={t('diagnose.others')}>
              {others.map((finding, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two findings may be of one cause
                <li key={`${finding.cause} ${index}`}>
                  <div className={styles.stepHead}>
                    <StatusLabel tone={TONES[finding.severity]}>
                      {t(`diagnose.severity.${finding.severity}`)}
                    </StatusLabel>
                    <span>{t(finding.sentence)}</span>
                  </div>
                  <FindingWords finding={finding} />
                  <OfferButton target={target} offer={finding.offer} items={items} variant="link" />
                </li>
              ))}
            </ul>
          </Section>
        </StackItem>
      )}
      <StackItem>
        <Section title={t('diagnose.steps')}>
          <StepList cluster={target.cluster} steps={steps} now={now} />
          <Total diagnosis={diagnosis} now={now} />
        </Section>
      </StackItem>
      <StackItem>
        <Section title={t('diagnose.events')}>
          <Events events={evidence.events} />
        </Section>
      </StackItem>
      {serial !== '' && (
        <StackItem>
          <Section title={t('diagnose.serial')}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
            <pre className={styles.serial} tabIndex={0}>
              {serial.split('\n').slice(-SERIAL_LINES).join('\n')}
            </pre>
          </Section>
        </StackItem>
      )}
    </Stack>
  );
}

/** What could not be looked at, and why: the reason may be there. */
function Hidden({ diagnosis: { hidden } }: { diagnosis: Diagnosis }) {
  const t = useText();
  const kinds = (why: 'denied' | 'unreachable') =>
    hidden.flatMap((each) => (each.why === why ? [each.kind] : [])).join(', ');
  const [denied, unreachable] = [kinds('denied'), kinds('unreachable')];
  return (
    <>
      {denied && <p className={styles.subtle}>{t('diagnose.hidden', { kinds: denied })}</p>}
      {unreachable && <p className={styles.subtle}>{t('diagnose.unreachable', { kinds: unreachable })}</p>}
    </>
  );
}

function Total({ diagnosis: { total }, now }: { diagnosis: Diagnosis; now: number }) {
  const t = useText();
  if (!total.since) return null;
  const end = total.until ? Date.parse(total.until) : now;
  const time = formatDuration(end - Date.parse(total.since));
  return (
    <p className="portlight-figures" suppressHydrationWarning>
      {t('diagnose.total', { done: total.until ? 'yes' : 'no', time })}
    </p>
  );
}

function Events({ events }: { events: EventObject[] }) {
  const t = useText();
  if (events.length === 0) return <p>{t('diagnose.noEvents')}</p>;
  return (
    <ul className={styles.events} aria-label={t('diagnose.events')}>
      {eventRows(events)
        .slice(0, EVENTS)
        .map((event) => (
          <li key={event.uid}>
            <span className={styles.subtle}>
              <Age time={event.last} ago />
            </span>
            <span>
              {event.isWarning && <StatusLabel tone="warning">{event.reason}</StatusLabel>}{' '}
              {event.isWarning ? '' : event.reason} {event.message}{' '}
              <span className={styles.subtle}>
                {t('diagnose.object', { kind: event.kind, name: event.name })}
              </span>
            </span>
          </li>
        ))}
    </ul>
  );
}
