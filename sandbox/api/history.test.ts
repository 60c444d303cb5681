import { describe, expect, it } from 'vitest';
import { type Change, HISTORY_LIMITS, History } from './history';

function change(revision: number): Change {
  const metadata = { name: 'web', uid: 'u', resourceVersion: String(revision), creationTimestamp: '' };
  const object = { apiVersion: 'v1', kind: 'Pod', metadata };
  return { type: 'MODIFIED', resource: 'pods', revision, object };
}

function filled(limits: Partial<typeof HISTORY_LIMITS>, count: number, bytes = 1): History {
  const history = new History({ ...HISTORY_LIMITS, ...limits });
  for (let revision = 1; revision <= count; revision += 1) history.add(change(revision), bytes);
  return history;
}

describe('the history of a resource', () => {
  it('keeps more than its share while that is fresh', () => {
    const fresh = filled({ changes: 1000, freshChanges: 5000 }, 4000);
    expect(fresh.since(0, 1)).toHaveLength(1);
    const old = filled({ changes: 1000, freshChanges: 5000, freshMs: -1 }, 4000);
    expect(old.since(2000, 1)).toBeUndefined();
    expect(old.since(3000, Number.POSITIVE_INFINITY)).toHaveLength(1000);
  });

  it('keeps no more than so many, however fresh', () => {
    const history = filled({ changes: 1000, freshChanges: 2000 }, 10_000);
    expect(history.compacted).toBeGreaterThan(7000);
    expect(history.since(8000, Number.POSITIVE_INFINITY)).toHaveLength(2000);
  });

  it('holds no more memory than it may, and can still tell what is lost', () => {
    const history = filled({ bytes: 100_000 }, 2000, 1000);
    expect(history.since(1000, 1)).toBeUndefined();
    expect(history.compacted).toBeGreaterThanOrEqual(1875);
    expect(history.since(history.compacted, 1)?.[0]?.revision).toBe(history.compacted + 1);
  });
});
