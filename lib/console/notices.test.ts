import { describe, expect, it } from 'vitest';
import { notices } from './notices';
import type { ConsoleState } from './state';

const CONNECTING: ConsoleState = { name: 'connecting', checking: false };
const CONNECTED: ConsoleState = { name: 'connected' };
const LOST: ConsoleState = { name: 'lost', wasOpen: true, retryAt: 0 };
const PAUSED: ConsoleState = { name: 'paused', linked: true };
const STOPPED: ConsoleState = { name: 'stopped', stopping: false };

function tell(...states: ConsoleState[]) {
  const noticeOf = notices();
  let before: ConsoleState = { name: 'loading' };
  return states.flatMap((state) => {
    const notice = noticeOf(state, before);
    before = state;
    return notice ?? [];
  });
}

describe('notices', () => {
  it('says nothing about the first connection', () => {
    expect(tell(STOPPED, CONNECTING, CONNECTED)).toEqual([]);
  });

  it('tells a loss once, however often a reconnect fails', () => {
    expect(
      tell(CONNECTED, LOST, CONNECTING, LOST, CONNECTING, { name: 'cluster-lost' }, CONNECTING, CONNECTED),
    ).toEqual(['lost', 'reconnected']);
  });

  it('tells pause, continuation, takeover and the next instance apart', () => {
    expect(
      tell(CONNECTED, PAUSED, CONNECTED, { name: 'taken' }, CONNECTED, STOPPED, CONNECTING, CONNECTED),
    ).toEqual(['paused', 'unpaused', 'taken', 'reconnected', 'stopped', 'reconnected']);
  });
});
