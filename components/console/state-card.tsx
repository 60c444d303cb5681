'use client';

import { Alert, Button, Spinner } from '@patternfly/react-core';
import Link from 'next/link';
import { type ReactNode, useEffect } from 'react';
import { RefusalNote } from '@/components/access/refusals';
import { useText } from '@/components/ui/text';
import { useFromNow } from '@/components/ui/use-now';
import type { ConsoleState } from '@/lib/console/state';
import { stateWords, type WayOut } from '@/lib/console/words';
import { checkOfRefusal } from '@/lib/k8s/access';
import { plainMessage } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import { refusalOf, refusalText } from '@/lib/kinds/abilities';
import { isCall, vmAction } from '@/lib/kinds/vm/actions';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import { sessionStore } from '@/lib/live/sessions';
import { isOpen, useTasks } from '@/lib/live/tasks';
import { accessStore, useRefusals } from '@/lib/live/use-access';
import { useAction } from '@/lib/live/use-action';
import { type ConsoleKind, paths } from '@/lib/paths';
import styles from './console.module.css';

const NEEDED_FOR_VNC = [vmAction('open-vnc').access];
const NEEDED_FOR_SERIAL = [vmAction('open-serial').access];
const NEEDED_TO_START = [vmAction('start').access];
const NEEDED_TO_UNPAUSE = [vmAction('unpause').access];

/** What is the case when the console is not simply connected, and the way out of it. */
export function StateCard({
  vm,
  kind,
  state,
  facts,
  onConnect,
}: {
  vm: Ref;
  kind: ConsoleKind;
  state: ConsoleState;
  facts: VmFacts | undefined;
  onConnect: () => void;
}) {
  const t = useText();
  // Only the countdown needs the time; everything else renders when the state changes.
  const second = useFromNow((now) => (state.name === 'lost' ? Math.floor(now / 1000) * 1000 : 0));
  const { title, body, quote, ways, busy } = stateWords(state, kind, second);
  return (
    <section className={styles.card} aria-label={t(title)}>
      <h2 className={styles.cardTitle}>
        {busy && <Spinner isInline aria-hidden="true" />} {t(title)}
      </h2>
      {state.name === 'refused' && <MissingRight vm={vm} kind={kind} refusal={state.refusal} />}
      {body && <p>{t(body)}</p>}
      {quote && <blockquote className={styles.quote}>{quote}</blockquote>}
      {ways.length > 0 && (
        <div className={styles.ways}>
          {ways.map((way) => (
            <Way key={way} way={way} vm={vm} facts={facts} onConnect={onConnect} />
          ))}
        </div>
      )}
      {(state.name === 'stopped' || state.name === 'paused') && <LastFailure vm={vm} />}
    </section>
  );
}

/** Which right the console takes, where the refusal came of its lack. */
function MissingRight({
  vm,
  kind,
  refusal: { code, message },
}: {
  vm: Ref;
  kind: ConsoleKind;
  refusal: { code: number; message: string };
}) {
  const isForbidden = code === 403;
  const needed = kind === 'vnc' ? NEEDED_FOR_VNC : NEEDED_FOR_SERIAL;
  const refusals = useRefusals(vm.cluster, vm.namespace, needed, { active: isForbidden, name: vm.name });
  useEffect(() => {
    // It was thought allowed until now, and other controls may have been as well.
    if (isForbidden) accessStore.expire(vm.cluster);
  }, [isForbidden, vm.cluster]);
  if (!isForbidden) return null;
  const said = checkOfRefusal(message);
  const refusal = said ? refusalOf(said) : [...refusals.values()].at(0);
  return (
    refusal && (
      <p>
        <RefusalNote cluster={vm.cluster} refusal={refusal} />
      </p>
    )
  );
}

interface WayProps {
  way: WayOut;
  vm: Ref;
  facts: VmFacts | undefined;
  onConnect: () => void;
}

function Way({ way, vm, facts, onConnect }: WayProps): ReactNode {
  const t = useText();
  switch (way) {
    case 'start':
    case 'unpause':
      return <PowerButton id={way} vm={vm} facts={facts} />;
    case 'sign-in':
      return <Button onClick={() => sessionStore.ask(vm.cluster, true)}>{t('consoles.way.signIn')}</Button>;
    case 'reconnect':
      return <Button onClick={onConnect}>{t('consoles.way.reconnect')}</Button>;
    case 'take-over':
      return <Button onClick={onConnect}>{t('consoles.way.takeOver')}</Button>;
    case 'bring-back':
      return <Button onClick={onConnect}>{t('consoles.way.bringBack')}</Button>;
    case 'yaml':
      return <LinkButton href={paths.vm(vm, 'yaml')} label={t('consoles.way.yaml')} />;
    case 'list':
      return <LinkButton href={paths.vms(vm.cluster)} label={t('consoles.way.list')} />;
  }
}

function LinkButton({ href, label }: { href: string; label: string }) {
  return (
    <Button variant="secondary" component={(props) => <Link {...props} href={href} />}>
      {label}
    </Button>
  );
}

function PowerButton({ id, vm, facts }: { id: 'start' | 'unpause'; vm: Ref; facts: VmFacts | undefined }) {
  const t = useText();
  const run = useAction();
  const task = useTaskOf(vm);
  const action = vmAction(id);
  const needed = id === 'start' ? NEEDED_TO_START : NEEDED_TO_UNPAUSE;
  const refusal = [...useRefusals(vm.cluster, vm.namespace, needed, { name: vm.name }).values()].at(0);
  if (!facts || !isCall(action)) return null;
  const reason = refusal ? refusalText(refusal, t) : action.unavailable(facts);
  const isRunning = task !== undefined && isOpen(task.state) && task.follow?.actionId === id;
  return (
    <>
      <Button
        isLoading={isRunning}
        isAriaDisabled={Boolean(reason)}
        onClick={() => !isRunning && run(action, vm, facts)}
      >
        {t(action.label)}
      </Button>
      {refusal ? (
        <p>
          <RefusalNote cluster={vm.cluster} refusal={refusal} />
        </p>
      ) : (
        reason && <p>{t(reason)}</p>
      )}
    </>
  );
}

/** A tab of its own has no task panel, so what became of Start or Unpause shows here. */
function LastFailure({ vm }: { vm: Ref }) {
  const t = useText();
  const task = useTaskOf(vm);
  if (task?.state !== 'failed' || !(task.error || task.words)) return null;
  return (
    <Alert
      isInline
      isPlain
      variant="danger"
      title={t('consoles.way.failed', {
        message: task.error ? plainMessage(task.error.message) : (task.words ?? ''),
      })}
    />
  );
}

function useTaskOf({ cluster, namespace, name }: Ref) {
  const tasks = useTasks();
  return tasks.find(
    ({ target }) => target.name === name && target.namespace === namespace && target.cluster === cluster,
  );
}
