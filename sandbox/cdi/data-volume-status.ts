import { findCondition } from '../controllers/conditions';
import type { PersistentVolumeClaim } from '../controllers/storage-types';
import { clonePhase } from './clone-phase';
import * as names from './names';
import type { DataVolume, DataVolumeStatus, HeartbeatCondition, Told, WorkKind } from './types';

export interface DataVolumeFacts {
  dv: DataVolume;
  pvc: PersistentVolumeClaim | undefined;
  kind: WorkKind;
  /** `namespace/name` of what is cloned. */
  cloned: string;
  usesPopulator: boolean;
  /** The class waits for a first consumer, and there is none yet. */
  waitsForConsumer: boolean;
  /** Why there is no claim. */
  refusal?: { reason: string; message: string };
  time: string;
}

/** What a DataVolume's status should be, and the events that say what changed. Mirrors updateStatus of CDI's controllers. */
export function dataVolumeStatus(facts: DataVolumeFacts): { status: DataVolumeStatus; events: Told[] } {
  const { dv, pvc } = facts;
  const before = dv.status ?? {};
  const { phase, event } = nextPhase(facts);
  const status: DataVolumeStatus = { ...before, phase };
  if (phase === '') delete status.phase;
  if (pvc) {
    status.claimName = pvc.metadata.name;
    const restarts = Number(pvc.metadata.annotations?.[names.POD_RESTARTS] ?? 0);
    status.restartCount = Math.max(before.restartCount ?? 0, restarts);
    if (status.restartCount === 0) delete status.restartCount;
  }
  status.progress = progressOf(phase, pvc, before.progress);
  status.conditions = conditionsOf(facts, phase);
  const events: Told[] = event && phase !== (before.phase ?? '') ? [event] : [];
  return { status, events: [...events, ...conditionEvents(before.conditions ?? [], status.conditions)] };
}

function nextPhase(facts: DataVolumeFacts): { phase: string; event?: Told } {
  const { dv, pvc, kind, usesPopulator, waitsForConsumer } = facts;
  const before = dv.status?.phase ?? '';
  if (before === 'Succeeded') return { phase: before };
  if (!pvc) return { phase: facts.refusal ? before : 'Pending' };
  const { name, annotations = {} } = pvc.metadata;
  switch (pvc.status?.phase) {
    case 'Lost':
      return {
        phase: 'Failed',
        event: { type: 'Warning', reason: 'ClaimLost', message: `PVC ${name} lost` },
      };
    case 'Bound':
      if (annotations[names.POPULATED_FOR] === dv.metadata.name || kind === 'external')
        return { phase: 'Succeeded' };
      return workPhase(
        facts,
        pvc,
        ['', 'Pending', 'WaitForFirstConsumer'].includes(before) ? 'PVCBound' : before,
      );
    default:
      if (usesPopulator || kind === 'external') {
        if (waitsForConsumer) return { phase: 'PendingPopulation' };
        return workPhase(facts, pvc, before || 'Pending');
      }
      return { phase: waitsForConsumer ? 'WaitForFirstConsumer' : 'Pending' };
  }
}

/** Where the work stands, as the worker pod's state on the claim tells. */
function workPhase(
  { kind, cloned, usesPopulator, dv }: DataVolumeFacts,
  { metadata }: PersistentVolumeClaim,
  before: string,
): { phase: string; event?: Told } {
  const { name, annotations = {} } = metadata;
  const pod = annotations[names.POD_PHASE];
  if (kind === 'clone')
    return clonePhase(annotations, { cloned, target: `${dv.metadata.namespace}/${name}` }, before);
  if (kind === 'external') return { phase: before };
  const [noun, into] = kind === 'upload' ? ['Upload', 'Upload into'] : ['Import', 'Import into'];
  const say = (reason: string, message: string, type: Told['type'] = 'Normal') => ({ type, reason, message });
  switch (pod) {
    case 'Succeeded': {
      const done =
        kind === 'upload' ? `Successfully uploaded into ${name}` : `Successfully imported into PVC ${name}`;
      return { phase: 'Succeeded', event: say(`${noun}Succeeded`, done) };
    }
    case 'Running':
      if (kind === 'import')
        return {
          phase: 'ImportInProgress',
          event: say('ImportInProgress', `Import into ${name} in progress`),
        };
      if (annotations[names.POD_READY] === 'true')
        return { phase: 'UploadReady', event: say('UploadReady', `Upload into ${name} ready`) };
      return { phase: 'UploadScheduled' };
    case 'Pending':
      return { phase: `${noun}Scheduled`, event: say(`${noun}Scheduled`, `${into} ${name} scheduled`) };
    case 'Failed': {
      const failed = kind === 'upload' ? `Upload into ${name} failed` : `Failed to import into PVC ${name}`;
      return { phase: before, event: say(`${noun}Failed`, failed, 'Warning') };
    }
    default:
      return { phase: usesPopulator ? `${noun}Scheduled` : before };
  }
}

function progressOf(
  phase: string,
  pvc: PersistentVolumeClaim | undefined,
  before: string | undefined,
): string {
  if (phase === 'Succeeded') return '100.0%';
  return pvc?.metadata.annotations?.[names.PROGRESS] ?? before ?? 'N/A';
}

function conditionsOf(facts: DataVolumeFacts, phase: string): HeartbeatCondition[] {
  const { dv, time } = facts;
  const anno = facts.pvc?.metadata.annotations ?? {};
  const ready = phase === 'Succeeded' ? 'True' : phase === 'Unknown' ? 'Unknown' : 'False';
  const running = anno[names.RUNNING];
  const isRunning = running === 'true';
  const why = facts.refusal ?? {
    reason: isRunning && ready === 'False' ? 'TransferRunning' : '',
    message: '',
  };
  const bound = boundCondition(facts);
  const wanted = [
    { type: 'Bound', ...bound },
    { type: 'Ready', status: ready, ...why },
    {
      type: 'Running',
      status: isRunning ? 'True' : running === undefined || running === 'false' ? 'False' : 'Unknown',
      reason: anno[names.RUNNING_REASON] ?? '',
      message: anno[names.RUNNING_MESSAGE] ?? '',
    },
  ] as const;
  return wanted.map((condition) => merge(findCondition(dv.status, condition.type), condition, time));
}

function boundCondition({
  pvc,
  refusal,
}: DataVolumeFacts): Pick<HeartbeatCondition, 'status'> & { reason: string; message: string } {
  if (!pvc) {
    return {
      status: 'False',
      reason: refusal?.reason || 'NotFound',
      message: refusal?.message || 'No PVC found',
    };
  }
  const { name, annotations = {} } = pvc.metadata;
  const told = annotations[names.BOUND] === 'false' || annotations[names.BOUND] === 'Unknown';
  const reason = annotations[names.BOUND_REASON] ?? '';
  const message = annotations[names.BOUND_MESSAGE] ?? '';
  switch (pvc.status?.phase) {
    case 'Bound':
      return told
        ? { status: 'False', reason, message }
        : { status: 'True', reason: 'Bound', message: `PVC ${name} Bound` };
    case 'Pending':
      return told
        ? { status: 'False', reason, message: `target PVC ${name} Pending and ${message}` }
        : { status: 'False', reason: 'Pending', message: `PVC ${name} Pending` };
    case 'Lost':
      return { status: 'False', reason: 'ClaimLost', message: 'Claim Lost' };
    default:
      return { status: 'False', reason: '', message: '' };
  }
}

/** A new status moves both times, a new text only the heartbeat. */
function merge(
  known: HeartbeatCondition | undefined,
  {
    type,
    status,
    reason,
    message,
  }: { type: string; status: HeartbeatCondition['status']; reason: string; message: string },
  time: string,
): HeartbeatCondition {
  const text = { ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
  if (known?.status !== status)
    return { type, status, ...text, lastHeartbeatTime: time, lastTransitionTime: time };
  const same = (known.reason ?? '') === reason && (known.message ?? '') === message;
  if (same) return known as HeartbeatCondition;
  const { lastTransitionTime = time } = known;
  return { type, status, ...text, lastHeartbeatTime: time, lastTransitionTime };
}

function conditionEvents(before: HeartbeatCondition[], after: HeartbeatCondition[]): Told[] {
  const find = (list: HeartbeatCondition[], type: string) =>
    list.find((condition) => condition.type === type);
  const events: Told[] = [];
  const bound = find(after, 'Bound');
  const had = find(before, 'Bound');
  const boundChanged =
    bound?.status !== had?.status || bound?.reason !== had?.reason || bound?.message !== had?.message;
  if (bound?.reason && boundChanged)
    events.push({ type: 'Normal', reason: bound.reason, message: bound.message ?? '' });
  const running = find(after, 'Running');
  const broken = running?.status === 'False' && find(after, 'Ready')?.status === 'False' && running.reason;
  if (broken && running.message && running.message !== find(before, 'Running')?.message) {
    events.push({ type: 'Warning', reason: running.reason ?? '', message: running.message });
  }
  return events;
}
