import type { ConsoleState } from './state';

/** What may stand between the guest's lines; see `consoles.notice` in the catalogue. */
export type Notice =
  | 'taken'
  | 'lost'
  | 'stopped'
  | 'paused'
  | 'unpaused'
  | 'reconnected'
  | 'signedOut'
  | 'withdrawn';

/**
 * Tells which change of state deserves a line in the scroll-back: nothing before the first connection, and nothing
 * twice in a row, however often a reconnect fails.
 */
export function notices(): (state: ConsoleState, before: ConsoleState) => Notice | undefined {
  let begun = false;
  let last: Notice | undefined;
  return (state, before) => {
    const notice = begun ? noticeOf(state, before) : undefined;
    begun ||= state.name === 'connected';
    if (notice === last) return undefined;
    last = notice ?? last;
    return notice;
  };
}

function noticeOf(state: ConsoleState, before: ConsoleState): Notice | undefined {
  switch (state.name) {
    case 'taken':
    case 'paused':
    case 'stopped':
      return state.name;
    case 'signed-out':
      return 'signedOut';
    case 'refused':
      return state.refusal.withdrawn && 'withdrawn';
    case 'lost':
    case 'cluster-lost':
      return 'lost';
    case 'connected':
      return before.name === 'paused' ? 'unpaused' : 'reconnected';
    default:
      return undefined;
  }
}
