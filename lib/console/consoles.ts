import type { Ref } from '@/lib/k8s/object';
import { SIGN_IN_NEEDED, tellSignInNeeded } from '@/lib/k8s/sign-in-needed';
import type { ConsoleKind } from '@/lib/paths';
import { text } from '@/lib/text';
import { CLOSE_SIGNED_OUT } from './machine';
import { notices } from './notices';
import { askEndpoint, askInstance, consoleSocketUrl } from './probe';
import { Registry } from './registry';
import type { ScreenOptions } from './screen';
import { SerialScreen } from './serial-screen';
import { browserClock, type ConnectionEvents, ConsoleSession } from './session';
import { VncScreen } from './vnc-screen';

/** A console as it lives in this browser tab: its session and its screen. */
export type LiveConsole = {
  ref: Ref;
  session: ConsoleSession;
  show(shown: boolean): void;
  dispose(): void;
} & ({ kind: 'vnc'; screen: VncScreen } | { kind: 'serial'; screen: SerialScreen });

const registry = new Registry<LiveConsole>(browserClock);

const keyOf = ({ cluster, namespace, name }: Ref, kind: ConsoleKind) =>
  [cluster, namespace, name, kind].join('/');

/** The console of a VM in this tab, made if need be; `releaseConsole` it when it no longer shows. */
export function acquireConsole(
  ref: Ref,
  kind: ConsoleKind,
  options: Omit<ScreenOptions, 'url'>,
): LiveConsole {
  return registry.acquire(keyOf(ref, kind), () => {
    const url = consoleSocketUrl(window.location.origin, ref, kind);
    return kind === 'vnc'
      ? live(ref, { kind, screen: new VncScreen({ ...options, url }) })
      : annotated(live(ref, { kind, screen: new SerialScreen({ ...options, url }) }), options);
  });
}

export function releaseConsole(ref: Ref, kind: ConsoleKind): void {
  registry.release(keyOf(ref, kind));
}

/** A connection that its session's end has closed tells the page, which offers to sign in again. */
function telling(cluster: string, events: ConnectionEvents): ConnectionEvents {
  const askedAt = Date.now();
  return {
    ...events,
    closed: (code, reason = '') => {
      if (code === CLOSE_SIGNED_OUT) {
        const request = { method: 'GET', path: '' };
        const error = { code: 401, reason: SIGN_IN_NEEDED, message: reason, request, causes: [] };
        tellSignInNeeded({ cluster, error, askedAt, isWrite: false });
      }
      events.closed(code, reason);
    },
  };
}

type Pair = { kind: 'vnc'; screen: VncScreen } | { kind: 'serial'; screen: SerialScreen };

function live(ref: Ref, pair: Pair): LiveConsole {
  const { kind, screen } = pair;
  const session = new ConsoleSession(kind, {
    open: (events) => screen.open(telling(ref.cluster, events)),
    askEndpoint: () => askEndpoint(ref, kind),
    askInstance: () => askInstance(ref),
    clock: browserClock,
  });
  return {
    ...pair,
    ref,
    session,
    show: (shown) => session.show(shown),
    dispose: () => {
      session.dispose();
      screen.dispose();
    },
  };
}

/** Writes between the guest's lines what happened to the connection, so that the scroll-back tells the whole story. */
function annotated(console: LiveConsole, { say }: Pick<ScreenOptions, 'say'>): LiveConsole {
  const { session, screen } = console;
  if (!(screen instanceof SerialScreen)) return console;
  const noticeOf = notices();
  session.subscribe((state, before) => {
    const notice = noticeOf(state, before);
    if (notice) screen.note(say(text(`consoles.notice.${notice}`)));
  });
  return console;
}
