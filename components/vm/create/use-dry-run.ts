'use client';

import { useEffect, useRef, useState } from 'react';
import { callApi } from '@/lib/k8s/request';
import type { Step } from '@/lib/manifest/plan';
import { checkAll, type Outcome, stepKey } from '../../form/create/create-run';

/** After the last change; the plan itself waits for a pause in the typing. */
const ASK_AFTER_MS = 300;
const NONE: ReadonlyMap<string, never> = new Map<string, never>();

export interface DryRun {
  outcomes: ReadonlyMap<string, Outcome>;
  /** `waiting` while there is something that the server has not said its word about. */
  state: 'off' | 'waiting' | 'asking' | 'answered';
}

/**
 * Asks the server about documents (`dryRun=All`) as they change. A change ends the question under way; the answers to
 * the one before stay until the new ones come, and no longer hold for what has changed.
 */
export function useDryRun(
  cluster: string,
  steps: readonly Step[],
  missing: readonly string[],
  isOn: boolean,
): DryRun {
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(NONE);
  const [state, setState] = useState<DryRun['state']>('off');
  const latest = useRef({ steps, missing });
  latest.current = { steps, missing };
  const key = JSON.stringify([steps.map(stepKey), missing]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is what `latest` says
  useEffect(() => {
    if (!isOn) {
      setState('off');
      return;
    }
    setState('waiting');
    const control = new AbortController();
    const { signal } = control;
    const timer = setTimeout(() => {
      setState('asking');
      const answers = new Map<string, Outcome>();
      const asked = checkAll({
        call: (to, path, request) => callApi(to, path, { ...request, signal }),
        cluster,
        ...latest.current,
        outcomes: NONE,
        modes: NONE,
        tell: (about, outcome) => answers.set(about, outcome),
      });
      void asked.then(() => {
        if (signal.aborted) return;
        setOutcomes(answers);
        setState('answered');
      });
    }, ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [cluster, key, isOn]);
  return { outcomes: isOn ? outcomes : NONE, state };
}
