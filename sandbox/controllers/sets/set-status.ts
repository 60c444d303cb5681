import { type LabelSelection, selectionText } from '../../api/label-selection';
import type { ClusterApi, KubeObject } from '../../api/objects';
import { findCondition, removeCondition, setCondition } from '../conditions';
import { now } from '../time';
import type { SetStatus } from './types';

/** Why a set could not do what it wanted; `reason` is that of the condition ReplicaFailure. */
export interface SetFailure {
  reason: string;
  message: string;
}

/** How a kind of set words its being paused: the condition's message, and the events. */
export interface PauseWords {
  condition: string;
  paused: string;
  resumed: string;
}

interface ReplicatedSet extends KubeObject {
  spec: { selector: LabelSelection; paused?: boolean };
  status?: SetStatus;
}

/** Writes what a set reports of itself, and tells of a pause that begins or ends. */
export function reportSet(
  cluster: ClusterApi,
  resource: string,
  { metadata }: ReplicatedSet,
  counts: { replicas: number; ready: number },
  failure: SetFailure | undefined,
  { component, words }: { component: string; words: PauseWords },
): void {
  let pause: 'begins' | 'ends' | undefined;
  const updated = cluster.update<ReplicatedSet>(resource, metadata.namespace, metadata.name, (draft) => {
    const status: SetStatus = { ...draft.status };
    status.labelSelector = selectionText(draft.spec.selector);
    status.replicas = counts.replicas;
    if (counts.ready > 0) status.readyReplicas = counts.ready;
    else delete status.readyReplicas;
    const wasPaused = findCondition(status, 'ReplicaPaused') !== undefined;
    const since = { lastProbeTime: null, lastTransitionTime: now() };
    if (failure) setCondition(status, { type: 'ReplicaFailure', status: 'True', ...failure, ...since });
    else removeCondition(status, 'ReplicaFailure');
    if (draft.spec.paused && !wasPaused) {
      const message = words.condition;
      setCondition(status, {
        ...{ type: 'ReplicaPaused', status: 'True', reason: 'SuccessfulPaused', message },
        ...since,
      });
      pause = 'begins';
    } else if (!draft.spec.paused && wasPaused) {
      removeCondition(status, 'ReplicaPaused');
      pause = 'ends';
    }
    if (status.conditions?.length === 0) delete status.conditions;
    draft.status = status;
  });
  if (!updated || !pause) return;
  const [reason, message] =
    pause === 'begins' ? ['SuccessfulPaused', words.paused] : ['SuccessfulResume', words.resumed];
  cluster.event(updated, { type: 'Normal', reason, message, component });
}
