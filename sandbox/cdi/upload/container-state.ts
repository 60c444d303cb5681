import { judge } from '../../controllers/pod-status';
import type { Pod } from '../../controllers/types';

export interface Outcome {
  exitCode: number;
  reason: string;
  message?: string;
}

/** Edits `draft`: its only container ended, and with exit code 0 the pod has. */
export function endContainer(draft: Pod, outcome: Outcome, time: string): void {
  const { status } = draft;
  const [container] = status?.containerStatuses ?? [];
  if (!status || !container) return;
  const startedAt = container.state.running?.startedAt ?? time;
  container.state = { terminated: { ...outcome, startedAt, finishedAt: time } };
  container.ready = false;
  container.started = false;
  if (outcome.exitCode === 0) status.phase = 'Succeeded';
  judge(status, draft, time);
}

/** Edits `draft`: the container that ended is started again. */
export function restartContainer(draft: Pod, time: string): void {
  const { status } = draft;
  const [container] = status?.containerStatuses ?? [];
  if (!status || !container?.state.terminated || status.phase !== 'Running') return;
  container.lastState = { terminated: container.state.terminated };
  container.state = { running: { startedAt: time } };
  container.restartCount = (container.restartCount ?? 0) + 1;
  container.ready = true;
  container.started = true;
  judge(status, draft, time);
}
