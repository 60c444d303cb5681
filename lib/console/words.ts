import type { Tone } from '@/lib/kinds/vm/status';
import type { ConsoleKind } from '@/lib/paths';
import { type Text, text } from '@/lib/text';
import type { ConsoleState, WaitsFor } from './state';

/** What a viewer can do about a state. */
export type WayOut =
  | 'sign-in'
  | 'start'
  | 'unpause'
  | 'reconnect'
  | 'take-over'
  | 'bring-back'
  | 'yaml'
  | 'list';

export interface StateWords {
  /** One or two words, for the bar, the page's title and screen readers. */
  label: Text;
  /** One sentence: what is the case. */
  title: Text;
  /** What it means, or what to do. */
  body?: Text;
  /** The server's own words, shown as they are. */
  quote?: string;
  tone: Tone;
  /** The first is the main one. */
  ways: WayOut[];
  /** Something is under way. */
  busy: boolean;
}

/** A state in words. `now` in ms since the epoch, for the countdown. */
export function stateWords(state: ConsoleState, kind: ConsoleKind, now: number): StateWords {
  switch (state.name) {
    case 'loading':
      return brief('progress', 'loading', true);
    case 'absent':
      return full('off', 'absent', 'list');
    case 'stopped':
      return state.stopping ? brief('progress', 'stopping', true) : full('off', 'stopped', 'start');
    case 'starting':
      return {
        ...brief(TROUBLE.has(state.waitsFor) ? 'warning' : 'progress', 'starting', true),
        body: text(`consoles.waits.${state.waitsFor}`, { status: state.status }),
      };
    case 'no-device':
      return {
        ...full('off', 'noDevice', 'yaml'),
        title: text(`consoles.state.noDevice.${kind === 'vnc' ? 'titleVnc' : 'titleSerial'}`),
        body: text('consoles.state.noDevice.body', { field: state.field }),
      };
    case 'connecting':
      return brief('progress', state.checking ? 'checking' : 'connecting', true);
    case 'connected':
      return brief('success', 'connected');
    case 'paused':
      return full('paused', 'paused', 'unpause');
    case 'taken':
      return full('warning', 'taken', 'take-over');
    case 'signed-out':
      return full('warning', 'signedOut', 'sign-in');
    case 'refused':
      if (state.refusal.withdrawn) {
        return { ...full('danger', 'withdrawn', 'reconnect'), ...quote(state.refusal.message) };
      }
      return {
        ...full('danger', 'refused', 'reconnect'),
        ...quote(state.refusal.message),
      };
    case 'lost': {
      const seconds = Math.max(0, Math.ceil((state.retryAt - now) / 1000));
      return {
        ...full('warning', 'lost', 'reconnect'),
        label: text(`consoles.state.lost.${state.wasOpen ? 'label' : 'labelUnopened'}`),
        title: text(`consoles.state.lost.${state.wasOpen ? 'title' : 'titleUnopened'}`),
        body: text('consoles.state.lost.body', { seconds }),
        busy: true,
        ...quote(state.words),
      };
    }
    case 'cluster-lost':
      return { ...full('warning', 'clusterLost', 'reconnect'), busy: true };
    case 'closed':
      return state.detached ? full('off', 'detached', 'bring-back') : full('off', 'closed', 'reconnect');
  }
}

/** States whose sentence says all. */
type Short = 'loading' | 'connecting' | 'connected' | 'starting' | 'stopping' | 'checking';
type Long =
  | 'absent'
  | 'stopped'
  | 'noDevice'
  | 'paused'
  | 'taken'
  | 'refused'
  | 'withdrawn'
  | 'signedOut'
  | 'clusterLost'
  | 'lost'
  | 'detached'
  | 'closed';

function brief(tone: Tone, name: Short | Long, busy = false): StateWords {
  return {
    label: text(`consoles.state.${name}.label`),
    title: text(`consoles.state.${name}.title`),
    tone,
    ways: [],
    busy,
  };
}

function full(tone: Tone, name: Long, ...ways: WayOut[]): StateWords {
  return { ...brief(tone, name), body: text(`consoles.state.${name}.body`), ways };
}

const quote = (message: string | undefined) => (message ? { quote: message } : {});

const TROUBLE = new Set<WaitsFor>(['image', 'capacity', 'crash', 'lostNode']);
