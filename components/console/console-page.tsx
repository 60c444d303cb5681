'use client';

import '@xterm/xterm/css/xterm.css';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { SessionLine } from '@/components/sign-in/session-line';
import { useText } from '@/components/ui/text';
import type { ConsoleState } from '@/lib/console/state';
import { stateWords } from '@/lib/console/words';
import { vmStatus } from '@/lib/kinds/vm/status';
import { type ConsoleKind, paths } from '@/lib/paths';
import type { ClusterSession } from '@/lib/session/session';
import styles from './console.module.css';
import { ConsolePower } from './console-power';
import { ConsoleView } from './console-view';
import { KindSwitch } from './kind-switch';
import { useSituation } from './use-situation';

/** A console in a browser tab of its own: the screen takes the room, the title says whose it is and how it is. */
export function ConsolePage({
  session,
  namespace,
  name,
  kind,
}: {
  session: ClusterSession;
  namespace: string;
  name: string;
  kind: ConsoleKind;
}) {
  const t = useText();
  const router = useRouter();
  const vm = { cluster: session.name, namespace, name };
  const situation = useSituation(vm);
  const [state, setState] = useState<ConsoleState>({ name: 'loading' });

  const followsVm = state.name === 'connected' || state.name === 'paused' || state.name === 'starting';
  const word = followsVm && situation.vm ? vmStatus(situation.vm, '').text : stateWords(state, kind, 0).label;
  const title = t('consoles.title', { name, state: t(word), kind: t(`consoles.titleKind.${kind}`) });
  useEffect(() => {
    const apply = () => {
      if (document.title !== title) document.title = title;
    };
    apply();
    // Next streams the route's own title in at any later moment.
    const observer = new MutationObserver(apply);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => observer.disconnect();
  }, [title]);

  return (
    <main className={styles.page}>
      <h1 className="pf-v6-screen-reader">{title}</h1>
      <SessionLine session={session} />
      <ConsoleView
        key={kind}
        vm={vm}
        kind={kind}
        situation={situation}
        canDetach={false}
        actions={situation.vm && <ConsolePower vm={vm} facts={situation.vm} />}
        onState={setState}
        start={
          <>
            <Link className={styles.name} href={paths.vm(vm)} title={t('consoles.bar.back', { name })}>
              {name}
            </Link>
            <KindSwitch kind={kind} onSwitch={(next) => router.replace(paths.console(vm, next))} />
          </>
        }
      />
    </main>
  );
}
