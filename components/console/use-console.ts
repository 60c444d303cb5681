'use client';

import { useEffect, useState, useSyncExternalStore } from 'react';
import { useNonce } from '@/components/ui/nonce';
import { useText } from '@/components/ui/text';
import { acquireConsole, type LiveConsole, releaseConsole } from '@/lib/console/consoles';
import type { ConsoleState, Situation } from '@/lib/console/state';
import type { Ref } from '@/lib/k8s/object';
import { useTabSession } from '@/lib/live/sessions';
import type { ConsoleKind } from '@/lib/paths';

const LOADING: ConsoleState = { name: 'loading' };
const never = () => () => undefined;
const loading = () => LOADING;

/**
 * The console of a VM while this component shows it. It lives on for a while afterwards, so that coming back finds the
 * connection and the scroll-back. Undefined until the browser has it (and while the server renders).
 */
export function useConsole(
  { cluster, namespace, name }: Ref,
  kind: ConsoleKind,
  situation: Situation,
): { console: LiveConsole | undefined; state: ConsoleState } {
  const say = useText();
  const nonce = useNonce();
  const [console, setConsole] = useState<LiveConsole>();

  useEffect(() => {
    const ref = { cluster, namespace, name };
    const label = say(kind === 'vnc' ? 'consoles.screen.label' : 'consoles.screen.labelSerial', { name });
    setConsole(acquireConsole(ref, kind, { label, nonce, say }));
    return () => {
      releaseConsole(ref, kind);
      setConsole(undefined);
    };
  }, [cluster, namespace, name, kind, nonce, say]);

  useEffect(() => console?.session.observe(situation), [console, situation]);

  const state = useSyncExternalStore(
    console?.session.subscribe ?? never,
    console?.session.getState ?? loading,
    loading,
  );
  // Its connection may belong to a session that somebody has replaced meanwhile.
  const isSignedIn = useTabSession(cluster)?.over === undefined;
  useEffect(() => {
    if (isSignedIn && state.name === 'signed-out') console?.session.connect();
  }, [console, isSignedIn, state.name]);
  return { console, state };
}
