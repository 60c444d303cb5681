'use client';

import { useCallback, useState } from 'react';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import { useOnSignedIn } from '@/lib/live/sessions';
import { accessStore } from '@/lib/live/use-access';
import type { Step } from '@/lib/manifest/plan';
import { checkAll, createAll, type Made, type Mode, type Outcome, stepKey } from './create-run';
import { rollBack, type TakenBack } from './roll-back';

export interface CreateRun {
  outcomes: ReadonlyMap<string, Outcome>;
  modes: ReadonlyMap<string, Mode>;
  /** What is going on; only one thing at a time. */
  doing: 'nothing' | 'checking' | 'creating' | 'rollingBack';
  /** A failure that belongs to no document, such as a namespace that was refused. */
  error: ApiErrorJson | undefined;
  check: (steps: readonly Step[], missing: readonly string[]) => Promise<void>;
  create: (
    steps: readonly Step[],
    missing: readonly string[],
    newNamespaces: readonly string[],
  ) => Promise<void>;
  /** What was created since `forget` and not taken back, in order. */
  made: readonly Made[];
  /** Deletes all of `made`, the last first; what is gone may be created again. */
  rollBack: () => Promise<void>;
  /** What became of each when `made` was last taken back. */
  takenBack: ReadonlyMap<Made, TakenBack>;
  /** Has an object that exists be changed instead of refused. */
  applyInstead: (step: Step) => void;
  forget: () => void;
}

/** Sends documents and remembers what became of each. */
export function useCreateRun(cluster: string): CreateRun {
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [modes, setModes] = useState<ReadonlyMap<string, Mode>>(new Map());
  const [doing, setDoing] = useState<CreateRun['doing']>('nothing');
  const [error, setError] = useState<ApiErrorJson>();
  const [made, setMade] = useState<readonly Made[]>([]);
  const [takenBack, setTakenBack] = useState<ReadonlyMap<Made, TakenBack>>(new Map());

  const tell = useCallback(
    (key: string, outcome: Outcome) => {
      // A right that was thought to be there is not: the page has to say so.
      if (outcome.state === 'refused' && outcome.error.code === 403) accessStore.expire(cluster);
      setOutcomes((before) => new Map(before).set(key, outcome));
    },
    [cluster],
  );

  const run = async (what: Exclude<CreateRun['doing'], 'nothing'>, work: () => Promise<unknown>) => {
    if (doing !== 'nothing') return;
    setDoing(what);
    setError(undefined);
    try {
      await work();
    } catch (reason) {
      const told =
        reason instanceof ApiError
          ? reason
          : new ApiError(0, 'Unexpected', String(reason), { method: '', path: '' });
      setError(told.toJSON());
    } finally {
      setDoing('nothing');
    }
  };

  // What was refused for want of a session can be sent now.
  const forgive = useCallback(() => {
    const isForgiven = (json: ApiErrorJson | undefined) => json !== undefined && isSignInNeeded(json);
    setError((before) => (isForgiven(before) ? undefined : before));
    setOutcomes((before) => {
      const kept = [...before].filter(([, outcome]) => !('error' in outcome && isForgiven(outcome.error)));
      return kept.length === before.size ? before : new Map(kept);
    });
  }, []);
  useOnSignedIn(cluster, forgive);

  const base = { call: callApi, cluster, outcomes, modes, tell };
  return {
    outcomes,
    modes,
    doing,
    error,
    check: (steps, missing) => run('checking', () => checkAll({ ...base, steps, missing })),
    create: (steps, missing, newNamespaces) =>
      run('creating', () => {
        setTakenBack(new Map());
        const onMade = (each: Made) => setMade((before) => [...before, each]);
        return createAll({ ...base, steps, missing, newNamespaces, onMade });
      }),
    made,
    takenBack,
    rollBack: () =>
      run('rollingBack', async () => {
        setTakenBack(new Map());
        const left = await rollBack({
          call: callApi,
          cluster,
          made,
          tell: (each, outcome) => setTakenBack((before) => new Map(before).set(each, outcome)),
        });
        const gone = new Set(made.filter((each) => !left.includes(each)).map(({ key }) => key));
        setMade(left);
        setOutcomes((before) => new Map([...before].filter(([key]) => !gone.has(key))));
      }),
    applyInstead: (step) => {
      const key = stepKey(step);
      setModes((before) => new Map(before).set(key, 'apply'));
      setOutcomes((before) => {
        const rest = new Map(before);
        rest.delete(key);
        return rest;
      });
    },
    forget: () => {
      setOutcomes(new Map());
      setModes(new Map());
      setMade([]);
      setTakenBack(new Map());
      setError(undefined);
    },
  };
}
