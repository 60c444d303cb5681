import { beforeEach, describe, expect, it } from 'vitest';
import type { AccessCheck } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import { FakeClock, settle } from './testing/fake-api';
import { ViewerScope } from './viewer-scope';

const REQUEST = { method: 'GET', path: '/' };
const OVER = new ApiError(401, 'SignInNeeded', 'The session is over.', REQUEST);

let clock: FakeClock;
/** `vms`, `vmis/team-a`, …: what is allowed. */
let allowed: Set<string>;
let asked: string[];
let failure: 'unknown' | ApiError | undefined;
let names: string[];
let isLoaded: boolean;
let news: () => void;
let endSession: (error: ApiError) => void;
let scope: ViewerScope;

const PART: Record<string, string> = {
  virtualmachines: 'vms',
  virtualmachineinstances: 'vmis',
  pods: 'usage',
};

function rightOf({ resource, namespace }: AccessCheck): string {
  return `${PART[resource]}${namespace ? `/${namespace}` : ''}`;
}

beforeEach(() => {
  clock = new FakeClock();
  allowed = new Set();
  asked = [];
  failure = undefined;
  names = [];
  isLoaded = true;
  scope = new ViewerScope(
    {
      may: async (check) => {
        asked.push(rightOf(check));
        if (failure instanceof ApiError) throw failure;
        if (failure) return { allowed: false, unknown: true };
        return { allowed: allowed.has(rightOf(check)) };
      },
      refusal: async (namespace) =>
        allowed.has(namespace ? `vms/${namespace}` : 'vms')
          ? undefined
          : new ApiError(403, 'Forbidden', `cannot list in ${namespace ?? 'all'}`, REQUEST),
      candidates: {
        names: () => names,
        get settled() {
          return isLoaded;
        },
        onNew: (listener) => {
          news = listener;
          return () => {};
        },
      },
      hold: (over) => {
        endSession = over;
        return () => {};
      },
      release: () => {},
    },
    clock,
  );
});

async function start(): Promise<void> {
  scope.start();
  await settle();
}

const seen = () => ({ vms: scope.scope?.vms, vmis: scope.scope?.vmis, usage: scope.scope?.usage });

describe('ViewerScope', () => {
  it('is the whole cluster for whoever may list it, and asks three questions', async () => {
    allowed = new Set(['vms', 'vmis', 'usage']);
    names = ['a', 'b'];
    await start();
    expect(seen()).toEqual({ vms: 'all', vmis: 'all', usage: 'all' });
    expect(asked).toEqual(['vms', 'vmis', 'usage']);
    expect(scope.settled).toBe(true);
  });

  it('is the namespaces in which VMs may be listed, each with or without VMIs and usage', async () => {
    allowed = new Set(['vms/a', 'vmis/a', 'vms/b', 'vmis/c', 'usage']);
    names = ['a', 'b', 'c', 'd'];
    await start();
    expect(seen()).toEqual({ vms: new Set(['a', 'b']), vmis: new Set(['a']), usage: 'all' });
    expect(scope.refusal?.message).toBe('cannot list in all');
  });

  it('sees within 30 s what is given and what is taken', async () => {
    allowed = new Set(['vms/a']);
    names = ['a', 'b'];
    await start();
    allowed = new Set(['vms/b']);
    await clock.advance(25_000);
    expect(seen().vms).toEqual(new Set(['b']));
    expect(scope.denied([])).toEqual(['a']);
    allowed = new Set(['vms', 'vmis', 'usage']);
    await clock.advance(25_000);
    expect(seen().vms).toBe('all');
    allowed = new Set(['vms']);
    await clock.advance(25_000);
    expect(seen()).toEqual({ vms: 'all', vmis: new Set(), usage: new Set() });
    allowed = new Set();
    await clock.advance(25_000);
    expect(seen().vms).toEqual(new Set());
  });

  it('never names a namespace that nobody asked for', async () => {
    names = ['a', 'somebody-elses'];
    scope.want(['wanted']);
    await start();
    expect([scope.denied(['wanted']), scope.denied([])]).toEqual([['wanted'], []]);
  });

  it('asks at once about a namespace that is new or named', async () => {
    allowed = new Set(['vms/late', 'vms/named']);
    await start();
    expect(seen().vms).toEqual(new Set());
    names = ['late'];
    news();
    await clock.advance(500);
    expect(seen().vms).toEqual(new Set(['late']));
    const takeBack = scope.want(['named', 'foreign']);
    await clock.advance(1);
    expect(seen().vms).toEqual(new Set(['named', 'late']));
    expect([scope.isKnown('named'), scope.isKnown('other')]).toEqual([true, false]);
    expect(scope.refusalIn('foreign')).toBeUndefined();
    await settle();
    expect(scope.refusalIn('foreign')?.message).toBe('cannot list in foreign');
    takeBack();
    await clock.advance(25_000);
    expect(seen().vms).toEqual(new Set(['late']));
  });

  it('keeps what it knows while the cluster gives no verdicts', async () => {
    allowed = new Set(['vms/a']);
    names = ['a', 'b'];
    await start();
    failure = 'unknown';
    await clock.advance(60_000);
    expect(seen().vms).toEqual(new Set(['a']));
    expect(scope.blind).toBe(false);
  });

  it('says that it is blind when there never was a verdict, and recovers', async () => {
    failure = 'unknown';
    await start();
    expect([scope.scope, scope.blind]).toEqual([undefined, true]);
    failure = undefined;
    allowed = new Set(['vms', 'vmis', 'usage']);
    await clock.advance(25_000);
    expect([scope.scope?.vms, scope.blind]).toEqual(['all', false]);
  });

  it('hears at once that the session is over, and when it goes on', async () => {
    allowed = new Set(['vms']);
    await start();
    failure = OVER;
    endSession(OVER);
    expect(scope.over).toBe(OVER);
    await clock.advance(60_000);
    expect(scope.over).toBe(OVER);
    failure = undefined;
    scope.retrySession();
    await settle();
    expect(scope.over).toBeUndefined();
  });

  it('asks about thousands of namespaces once, and then about some hundreds with each look', async () => {
    names = Array.from({ length: 1_800 }, (_, index) => `n${index}`);
    allowed = new Set(['vms/n1700', 'vmis/n1700']);
    await start();
    await clock.advance(1);
    while (!scope.settled) await clock.advance(1);
    expect(seen().vms).toEqual(new Set(['n1700']));
    expect(new Set(asked).size).toBeGreaterThan(1_800);
    asked = [];
    await clock.advance(20_000);
    // The three of the whole cluster, three of the one that is shown, and 500 of the others.
    expect(asked).toHaveLength(506);
    allowed = new Set(['vms/n3']);
    await clock.advance(80_000);
    expect(seen().vms).toEqual(new Set(['n3']));
  });
});
