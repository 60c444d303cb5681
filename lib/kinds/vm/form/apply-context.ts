import type { ClusterFeatures } from '@/lib/kinds/platform/features';
import { type Text, text } from '@/lib/text';
import { findCondition, type VirtualMachineInstance } from '../types';
import type { VmManifest } from './field';

/** When a change of a running VM takes effect. */
export type Applies = 'now' | 'migration' | 'restart';

export interface Verdict {
  applies: Applies;
  /** What makes it so, where that isn't plain. */
  why?: Text;
}

export interface ApplyContext {
  features: ClusterFeatures;
  /** As it is stored. */
  vm: VmManifest;
  vmi: VirtualMachineInstance;
  /** As somebody wants it; without it, the answer is for a change that the field allows at all. */
  after?: VmManifest | undefined;
}

export const NOW: Verdict = { applies: 'now' };
export const RESTART: Verdict = { applies: 'restart' };
const ORDER: readonly Applies[] = ['now', 'migration', 'restart'];

/** The one that takes effect later. */
export function later(a: Verdict, b: Verdict): Verdict {
  const [first, second] = [ORDER.indexOf(a.applies), ORDER.indexOf(b.applies)];
  if (first === second) return a.why ? a : b;
  return second > first ? b : a;
}

/** What needs a live migration to take effect: whether there will be one. */
export function byMigration({ vmi, features }: Pick<ApplyContext, 'vmi' | 'features'>): Verdict {
  const fixed = findCondition(vmi.status?.conditions, 'LiveMigratable', 'False');
  if (fixed) {
    const words = fixed.message ?? fixed.reason ?? '';
    return { applies: 'restart', why: text('configure.why.notMigratable', { words }) };
  }
  if (features.workloadUpdateMethods.includes('LiveMigrate')) return { applies: 'migration' };
  return { applies: 'migration', why: text('configure.why.noAutomaticMigration') };
}
