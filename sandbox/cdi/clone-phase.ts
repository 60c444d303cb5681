import { CLONE_PHASE } from './names';
import type { Told } from './types';

interface Ends {
  /** `namespace/name` each. */
  cloned: string;
  target: string;
}

type Phase = readonly [phase: string, reason: string, message: (ends: Ends) => string];

/** What the clone populator's phase of a claim means for its DataVolume. */
const PHASES: Readonly<Record<string, Phase>> = {
  Pending: [
    'CloneScheduled',
    'CloneScheduled',
    ({ cloned, target }) => `Cloning from ${cloned} into ${target} scheduled`,
  ],
  HostClone: [
    'CloneInProgress',
    'CloneInProgress',
    ({ cloned, target }) => `Cloning from ${cloned} into ${target} in progress`,
  ],
  CSIClone: [
    'CSICloneInProgress',
    'CSICloneInProgress',
    ({ cloned }) => `CSI Volume clone in progress (for pvc ${cloned})`,
  ],
  Snapshot: [
    'SnapshotForSmartCloneInProgress',
    'SnapshotForSmartCloneInProgress',
    ({ cloned }) => `Creating snapshot for smart-clone is in progress (for pvc ${cloned})`,
  ],
  SnapshotClone: [
    'CloneFromSnapshotSourceInProgress',
    'CloneFromSnapshotSourceInProgress',
    ({ cloned }) => `Creating PVC from snapshot source is in progress (for snapshot ${cloned})`,
  ],
  PrepClaim: [
    'PrepClaimInProgress',
    'PrepClaimInProgress',
    ({ target }) => `Prepping PersistentVolumeClaim for DataVolume ${target}`,
  ],
  Rebind: [
    'RebindInProgress',
    'RebindInProgress',
    ({ target }) => `Rebinding PersistentVolumeClaim for DataVolume ${target}`,
  ],
  Succeeded: [
    'Succeeded',
    'CloneSucceeded',
    ({ cloned, target }) => `Successfully cloned from ${cloned} into ${target}`,
  ],
};

/** The phase of a DataVolume that is cloned, from the annotations of its claim. */
export function clonePhase(
  annotations: Readonly<Record<string, string>>,
  ends: Ends,
  before: string,
): { phase: string; event?: Told } {
  const known = PHASES[annotations[CLONE_PHASE] ?? ''];
  if (!known) return { phase: before === '' ? 'Pending' : before };
  const [phase, reason, message] = known;
  return { phase, event: { type: 'Normal', reason, message: message(ends) } };
}
