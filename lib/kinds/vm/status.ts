import type { Text } from '@/lib/text';
import { text } from '@/lib/text';
import type { PrintableStatus, VmFacts } from './facts';
import { shortReason } from './short-reason';

/** One meaning each across the product: works, moves, needs a look, is broken, is off, is paused. */
export type Tone = 'success' | 'progress' | 'warning' | 'danger' | 'off' | 'paused';

export interface VmStatus {
  tone: Tone;
  text: Text;
  /** Why, where there is something to say beyond the word. */
  detail?: Text;
  /** It is expected to change by itself. */
  transitioning: boolean;
}

interface Word {
  tone: Tone;
  text: Text;
  transitioning?: boolean;
}

const WORDS: Record<PrintableStatus, Word> = {
  Stopped: { tone: 'off', text: text('vm.status.Stopped') },
  Provisioning: { tone: 'progress', text: text('vm.status.Provisioning'), transitioning: true },
  Starting: { tone: 'progress', text: text('vm.status.Starting'), transitioning: true },
  Running: { tone: 'success', text: text('vm.status.Running') },
  Paused: { tone: 'paused', text: text('vm.status.Paused') },
  Stopping: { tone: 'progress', text: text('vm.status.Stopping'), transitioning: true },
  Terminating: { tone: 'progress', text: text('vm.status.Terminating'), transitioning: true },
  CrashLoopBackOff: { tone: 'danger', text: text('vm.status.CrashLoopBackOff'), transitioning: true },
  Migrating: { tone: 'progress', text: text('vm.status.Migrating'), transitioning: true },
  Unknown: { tone: 'warning', text: text('vm.status.Unknown') },
  ErrorUnschedulable: { tone: 'danger', text: text('vm.status.ErrorUnschedulable') },
  ErrImagePull: { tone: 'danger', text: text('vm.status.ErrImagePull') },
  ImagePullBackOff: { tone: 'danger', text: text('vm.status.ImagePullBackOff') },
  ErrorPvcNotFound: { tone: 'danger', text: text('vm.status.ErrorPvcNotFound') },
  DataVolumeError: { tone: 'danger', text: text('vm.status.DataVolumeError') },
  WaitingForVolumeBinding: {
    tone: 'progress',
    text: text('vm.status.WaitingForVolumeBinding'),
    transitioning: true,
  },
  WaitingForReceiver: { tone: 'progress', text: text('vm.status.WaitingForReceiver'), transitioning: true },
};

/** The status of a VM for people. `reason` is `VmRow.reason`. A word of a future KubeVirt is shown as it is. */
export function vmStatus(facts: VmFacts, reason: string): VmStatus {
  const { tone, text: word, transitioning = false } = requested(facts) ?? wordOf(facts.printableStatus);
  return {
    // A machine that is off, runs or starts and of which the cluster complains needs a look.
    tone: reason && tone !== 'danger' && tone !== 'paused' ? 'warning' : tone,
    text: word,
    detail: detailOf(facts, reason),
    transitioning,
  };
}

function wordOf(status: string): Word {
  if (Object.hasOwn(WORDS, status)) return WORDS[status as PrintableStatus];
  return status === ''
    ? { tone: 'progress', text: text('vm.status.new'), transitioning: true }
    : { tone: 'warning', text: text('vm.status.other', { status }) };
}

/**
 * KubeVirt has no word for a restart: the VM is Running, Stopping, Stopped and Starting while `stateChangeRequests`
 * holds what is still to do. (With WaitAsReceiver requests stay there for ever and mean nothing.)
 */
function requested({ requests, printableStatus, runStrategy, deleting }: VmFacts): Word | undefined {
  if (requests.length === 0 || runStrategy === 'WaitAsReceiver' || deleting) return undefined;
  if (!['Running', 'Paused', 'Stopping', 'Stopped'].includes(printableStatus)) return undefined;
  if (requests.includes('Start') && (requests.includes('Stop') || printableStatus === 'Stopping')) {
    return { tone: 'progress', text: text('vm.status.Restarting'), transitioning: true };
  }
  if (requests.includes('Start')) return printableStatus === 'Stopped' ? WORDS.Starting : undefined;
  return printableStatus === 'Stopped' ? undefined : WORDS.Stopping;
}

function detailOf(facts: VmFacts, reason: string): Text | undefined {
  if (reason) return shortReason(reason) ?? text('vm.status.words', { reason });
  if (facts.printableStatus === 'CrashLoopBackOff' && facts.startFailure) {
    return text('vm.status.startFailed', { count: facts.startFailure.count });
  }
  if (facts.recoveryRequired) return text('vm.status.recoveryRequired');
  if (facts.restartRequired) return text('vm.status.restartRequired');
  return undefined;
}

/** How many VMs there are of each tone. */
export type VmCounts = Record<Tone, number>;

export function countTones(rows: Iterable<{ facts: VmFacts; reason: string }>): VmCounts {
  const counts: VmCounts = { danger: 0, warning: 0, progress: 0, paused: 0, success: 0, off: 0 };
  for (const { facts, reason } of rows) counts[vmStatus(facts, reason).tone] += 1;
  return counts;
}

const TONE_RANK: Record<Tone, number> = { danger: 0, warning: 1, progress: 2, paused: 3, success: 4, off: 5 };

/** For sorting: what needs attention stands first. */
export function statusRank(facts: VmFacts, reason: string): number {
  return TONE_RANK[vmStatus(facts, reason).tone];
}
