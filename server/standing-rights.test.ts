import { beforeEach, describe, expect, it } from 'vitest';
import { signInNeeded } from '@/lib/auth/sign-in-needed';
import type { Viewer } from '@/lib/auth/viewer';
import { FakeClock, settle } from '@/lib/inventory/testing/fake-api';
import type { AccessAnswer, AccessCheck } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import { StandingRights } from './standing-rights';

const LIST: AccessCheck = { verb: 'list', group: '', resource: 'pods', namespace: 'dev' };
const WATCH: AccessCheck = { ...LIST, verb: 'watch' };

let clock: FakeClock;
let rights: StandingRights;
let asked: string[];
let ends: string[];
/** What reviews say, by `user verb`; allowed where nothing stands. */
let says: Record<string, AccessAnswer | Error>;
let over: Set<string>;

function viewer(key: string): Viewer {
  return {
    key,
    cluster: { name: 'lab' },
    credentials: async () => {
      if (over.has(key)) throw signInNeeded('lab', 'revoked');
      return { headers: {}, tls: { rejectUnauthorized: true } };
    },
    // What a look does not touch.
  } as unknown as Viewer;
}

function hold(key: string, name: string, checks = [LIST]): () => void {
  return rights.hold({
    who: viewer(key),
    checks,
    over: ({ reason }) => ends.push(`${name} ${reason}`),
    denied: ({ verb }, reason) => ends.push(`${name} ${verb} ${reason}`),
  });
}

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  ends = [];
  says = {};
  over = new Set();
  rights = new StandingRights(
    {
      may: async ({ key }, { verb }, fresh) => {
        asked.push(`${key} ${verb}${fresh ? '' : ' from memory'}`);
        const said = says[`${key} ${verb}`] ?? { allowed: true };
        if (said instanceof Error) throw said;
        return said;
      },
    },
    { clock },
  );
});

describe('StandingRights', () => {
  it('looks past the memory at least every 30 s, and asks once for what several need', async () => {
    hold('dana', 'list', [LIST, WATCH]);
    hold('dana', 'another list', [LIST, WATCH]);
    hold('vic', 'his list');
    await clock.advance(30_000);
    expect(asked.sort()).toEqual(['dana list', 'dana watch', 'vic list']);
    await clock.advance(30_000);
    expect(asked).toHaveLength(6);
    expect(ends).toEqual([]);
  });

  it('tells whoever lost a right, and nobody else', async () => {
    hold('dana', 'list', [LIST, WATCH]);
    hold('vic', 'his list');
    says['dana watch'] = { allowed: false, reason: 'no role' };
    await clock.advance(30_000);
    expect(ends).toEqual(['list watch no role']);
  });

  it('changes nothing when the cluster gives no verdict', async () => {
    hold('dana', 'list');
    for (const said of [
      { allowed: false, unknown: true as const },
      new Error('broken'),
      new ApiError(401, 'Unauthorized', 'the kubeconfig is old', { method: 'POST', path: '/' }),
    ]) {
      says['dana list'] = said;
      await clock.advance(30_000);
    }
    expect(asked).toHaveLength(3);
    expect(ends).toEqual([]);
  });

  it('ends all of a session that is over, without asking the cluster', async () => {
    hold('dana', 'list');
    hold('dana', 'console');
    hold('vic', 'his list');
    over.add('dana');
    await clock.advance(30_000);
    expect(ends).toEqual(['list SignInNeeded', 'console SignInNeeded']);
    expect(asked).toEqual(['vic list']);
  });

  it('ends them at once when told to look', async () => {
    hold('dana', 'list');
    hold('vic', 'his list');
    over.add('dana');
    await rights.lookAtSessions();
    expect(ends).toEqual(['list SignInNeeded']);
  });

  it('takes a 401 to the review for the end of the session where one can sign in again', async () => {
    hold('dana', 'list');
    says['dana list'] = signInNeeded('lab', 'token');
    await clock.advance(30_000);
    expect(ends).toEqual(['list SignInNeeded']);
  });

  it('looks no more once all is closed', async () => {
    const [first, second] = [hold('dana', 'list'), hold('dana', 'console')];
    first();
    await clock.advance(30_000);
    expect(asked).toHaveLength(1);
    second();
    second();
    await clock.advance(300_000);
    expect(asked).toHaveLength(1);
    hold('dana', 'again');
    rights.close();
    await clock.advance(300_000);
    await settle();
    expect(asked).toHaveLength(1);
  });
});
