import { describe, expect, it } from 'vitest';
import { Registry, UNWATCHED_MAX, UNWATCHED_MS } from './registry';
import { FakeClock } from './session-stage';

function stage() {
  const clock = new FakeClock();
  const log: string[] = [];
  const registry = new Registry(clock);
  const use = (key: string) =>
    registry.acquire(key, () => {
      log.push(`made ${key}`);
      return {
        show: (shown: boolean) => log.push(`${shown ? 'shown' : 'hidden'} ${key}`),
        dispose: () => log.push(`ended ${key}`),
      };
    });
  return { clock, log, registry, use };
}

describe('Registry', () => {
  it('finds again what was left', () => {
    const { log, registry, use } = stage();
    const first = use('a');
    registry.release('a');
    expect(use('a')).toBe(first);
    expect(log).toEqual(['made a', 'shown a', 'hidden a', 'shown a']);
  });

  it('hides only when the last viewer has gone', () => {
    const { log, registry, use } = stage();
    use('a');
    use('a');
    registry.release('a');
    expect(log).not.toContain('hidden a');
    registry.release('a');
    expect(log).toContain('hidden a');
  });

  it('ends what nobody came back to', () => {
    const { clock, log, registry, use } = stage();
    use('a');
    registry.release('a');
    clock.pass(UNWATCHED_MS - 1);
    expect(log).not.toContain('ended a');
    clock.pass(1);
    expect(log).toContain('ended a');
  });

  it('ends the least recently left beyond the limit, and never one that is watched', () => {
    const { log, registry, use } = stage();
    use('watched');
    for (let index = 0; index <= UNWATCHED_MAX; index++) {
      use(`${index}`);
      registry.release(`${index}`);
    }
    expect(log.filter((entry) => entry.startsWith('ended'))).toEqual(['ended 0']);
  });
});
