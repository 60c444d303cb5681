import { isWithin } from '@/lib/kinds/vm/form/field';
import type { MessageKey } from '@/lib/text';
import { VM_SECTIONS, type VmSection } from '../form/sections';
import { BasicsStep } from './basics-step';
import { SeveralStep } from './batch/several-step';
import { BOOT_PATH } from './create-problems';

/** The short way: what every VM needs, in one step. */
const BASICS: VmSection = {
  id: 'basics',
  title: 'create.basics.title' satisfies MessageKey,
  Component: BasicsStep,
  // A first disk is chosen here, by its image.
  paths: ['metadata.name', 'metadata.namespace', BOOT_PATH],
  modes: ['create'],
};

export const SEVERAL_STEP = 'several';

const SEVERAL: VmSection = {
  id: SEVERAL_STEP,
  title: 'create.batch.title',
  Component: SeveralStep,
  paths: [],
  modes: ['create'],
};

/** The steps of creation, in the order in which they show; people take them in any. */
export const STEPS: readonly VmSection[] = [
  BASICS,
  ...VM_SECTIONS.filter(({ modes }) => modes.includes('create')),
  SEVERAL,
];

/** The step that edits a place of the VM, as far as there is one. */
export function stepOfPath(path: string): VmSection | undefined {
  return STEPS.find(({ paths }) => paths.some((each) => isWithin(path, each)));
}
