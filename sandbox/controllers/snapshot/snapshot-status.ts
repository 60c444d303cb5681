import { goDuration } from '../../go-duration';
import { setCondition } from '../conditions';
import type { VirtualMachine } from '../types';
import type { VolumeChoice } from './snapshotable';
import { sentence, type VmSnapshot, type VmSnapshotContent, type VmSnapshotStatus } from './types';

/** How a snapshot stands to its source: not there, held by it, or waiting for something. */
export type SourceState = 'missing' | 'locked' | { waitsFor: string };

export interface SnapshotFacts {
  state: SourceState;
  source: VirtualMachine | undefined;
  content: VmSnapshotContent | undefined;
  volumes: VolumeChoice | undefined;
  isLate: boolean;
  online: boolean;
  hasAgent: boolean;
  isPaused: boolean;
  /** metav1.Time */
  time: string;
}

const DEFAULT_DEADLINE_MS = 5 * 60_000;

const INDICATIONS: Record<string, string> = {
  Online: 'Snapshot taken while the VM was running',
  GuestAgent: 'Guest agent was active and attempted to quiesce the filesystem for application consistency',
  NoGuestAgent: 'Guest agent was not active; the snapshot may be crash-consistent',
  Paused: 'Snapshot taken while the VM was paused',
};

/** Whether a snapshot has come to its end, one way or the other. */
export function isDone({ status }: VmSnapshot): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

export function contentName({ metadata }: VmSnapshot): string {
  return `vmsnapshot-content-${metadata.uid}`;
}

/** `spec.failureDeadline`, a Go duration, in milliseconds; five minutes by default, and never when it is 0. */
export function deadlineMs({ spec }: VmSnapshot): number {
  const given = goDuration(spec.failureDeadline) ?? DEFAULT_DEADLINE_MS;
  return given > 0 ? given : Number.POSITIVE_INFINITY;
}

/** The status of a snapshot under way. Mirrors updateSnapshotStatus of virt-controller. */
export function snapshotStatus(snapshot: VmSnapshot, facts: SnapshotFacts): VmSnapshotStatus {
  const { source, content, volumes, time } = facts;
  const status: VmSnapshotStatus = structuredClone(snapshot.status ?? {});
  status.phase = 'InProgress';
  status.readyToUse = false;
  if (source) status.sourceUID = source.metadata.uid;
  if (content) {
    status.virtualMachineSnapshotContentName = content.metadata.name;
    if (content.status?.creationTime) status.creationTime = content.status.creationTime;
    if (content.status?.error) status.error = content.status.error;
  }
  if (content?.status?.readyToUse) return succeed(status, volumes, facts);
  const conditions: VmSnapshotStatus = status;
  if (facts.isLate && facts.state !== 'missing') {
    status.phase = 'Failed';
    setCondition(conditions, sentence('Progressing', 'False', 'Operation failed', time));
    setCondition(conditions, sentence('Failure', 'True', 'snapshot deadline exceeded', time));
  } else if (facts.state === 'missing') {
    setCondition(conditions, sentence('Progressing', 'False', 'Source does not exist', time));
  } else if (facts.state === 'locked') {
    const busy = 'Source locked and operation in progress';
    setCondition(conditions, sentence('Progressing', 'True', busy, time));
  } else {
    const waits = `Source not locked ${facts.state.waitsFor}`;
    setCondition(conditions, sentence('Progressing', 'False', waits, time));
  }
  setCondition(conditions, sentence('Ready', 'False', 'Not ready', time));
  return status;
}

function succeed(
  status: VmSnapshotStatus,
  volumes: VolumeChoice | undefined,
  facts: SnapshotFacts,
): VmSnapshotStatus {
  status.phase = 'Succeeded';
  status.readyToUse = true;
  delete status.error;
  setCondition(status, sentence('Progressing', 'False', 'Operation complete', facts.time));
  setCondition(status, sentence('Ready', 'True', 'Operation complete', facts.time));
  const indications = indicationsOf(facts);
  if (indications.length > 0) {
    status.indications = indications;
    status.sourceIndications = indications.map((indication) => ({
      indication,
      message: INDICATIONS[indication] ?? '',
    }));
  }
  if (volumes) {
    status.snapshotVolumes = {
      ...(volumes.included.length > 0
        ? { includedVolumes: volumes.included.map(({ volume }) => volume) }
        : {}),
      ...(volumes.excluded.length > 0 ? { excludedVolumes: volumes.excluded } : {}),
    };
  }
  return status;
}

function indicationsOf({ online, hasAgent, isPaused }: SnapshotFacts): string[] {
  if (!online) return [];
  if (isPaused) return ['Online', 'Paused'];
  return ['Online', hasAgent ? 'GuestAgent' : 'NoGuestAgent'];
}
