import type { Condition } from '@/lib/k8s/object';
import { type MessageKey, type Text, text } from '@/lib/text';
import { isAlive, vmFacts } from './facts';
import type { VirtualMachine, VirtualMachineInstance } from './types';
import { findCondition } from './types';

/** A condition as a sentence, with what the cluster says about it. */
export interface ConditionWords {
  key: string;
  tone: 'good' | 'bad' | 'neutral';
  sentence: Text;
  words: string;
  /** RFC 3339. */
  since?: string;
}

type Sentence = [tone: ConditionWords['tone'], key: MessageKey];

const SENTENCES: Record<string, { True?: Sentence; False?: Sentence }> = {
  Ready: { True: ['good', 'vm.condition.ready'], False: ['neutral', 'vm.condition.notReady'] },
  Paused: { True: ['neutral', 'vm.condition.paused'] },
  AgentConnected: { True: ['good', 'vm.condition.agent'] },
  LiveMigratable: {
    True: ['good', 'vm.condition.migratable'],
    False: ['neutral', 'vm.condition.notMigratable'],
  },
  StorageLiveMigratable: {
    True: ['good', 'vm.condition.storageMigratable'],
    False: ['neutral', 'vm.condition.storageNotMigratable'],
  },
  DataVolumesReady: { True: ['good', 'vm.condition.volumes'], False: ['bad', 'vm.condition.noVolumes'] },
  Synchronized: {
    True: ['good', 'vm.condition.synchronized'],
    False: ['bad', 'vm.condition.notSynchronized'],
  },
  PodScheduled: { True: ['good', 'vm.condition.scheduled'], False: ['bad', 'vm.condition.notScheduled'] },
  Provisioning: { True: ['neutral', 'vm.condition.provisioning'] },
  RestartRequired: { True: ['bad', 'vm.condition.restartRequired'] },
  Failure: { True: ['bad', 'vm.condition.failure'] },
  ManualRecoveryRequired: { True: ['bad', 'vm.condition.recoveryRequired'] },
};

/** The VM's own; all others are copies of the VMI's and stay behind, out of date, when it goes. */
const OWN = ['Failure', 'RestartRequired', 'ManualRecoveryRequired'];

/** The conditions that count now, in words, the bad ones first. */
export function conditionWords(vm: VirtualMachine, vmi?: VirtualMachineInstance): ConditionWords[] {
  const own = vm.status?.conditions ?? [];
  const all = vmi
    ? [...own.filter(({ type }) => OWN.includes(type)), ...(vmi.status?.conditions ?? [])]
    : own.filter(({ type }) => OWN.includes(type) || type === 'Ready');
  const rank = { bad: 0, neutral: 1, good: 2 };
  return all.map(wordsOf).sort((a, b) => rank[a.tone] - rank[b.tone]);
}

function wordsOf({ type, status, reason, message, lastTransitionTime }: Condition): ConditionWords {
  const known = status === 'Unknown' ? undefined : SENTENCES[type]?.[status];
  const [tone, sentence]: [ConditionWords['tone'], Text] = known
    ? [known[0], text(known[1])]
    : ['neutral', text('vm.condition.other', { type, status })];
  return {
    key: type,
    tone,
    sentence,
    words: message || reason || '',
    ...(lastTransitionTime ? { since: lastTransitionTime } : {}),
  };
}

/** Since when the VM is as it is (RFC 3339), as far as conditions and phases tell. */
export function statusSince(vm: VirtualMachine, vmi?: VirtualMachineInstance): string | undefined {
  if (vm.metadata.deletionTimestamp) return vm.metadata.deletionTimestamp;
  if (!vmi || !isAlive(vmFacts(vm, vmi))) {
    const ready = findCondition(vm.status?.conditions, 'Ready', 'False');
    return ready?.lastTransitionTime ?? vm.metadata.creationTimestamp;
  }
  const paused = findCondition(vmi.status?.conditions, 'Paused')?.lastTransitionTime;
  if (paused) return paused;
  const phase = vmi.status?.phaseTransitionTimestamps?.find((each) => each.phase === vmi.status?.phase);
  return phase?.phaseTransitionTimestamp ?? vmi.metadata.creationTimestamp;
}
