import type { Field } from '../field';
import { nicProblems } from './nic-problems';
import { AUTOATTACH_POD_INTERFACE, NICS, type Nic } from './nics';

const CHECKED: Field<readonly Nic[]> = {
  ...NICS,
  problem: (_, vm) => nicProblems(vm).find(({ severity }) => severity === 'error')?.message,
  warning: (_, vm) => nicProblems(vm).find(({ severity }) => severity === 'warning')?.message,
};

/** Every field of the section, with what KubeVirt would refuse of its cards. */
export const NETWORK_FIELDS = [CHECKED, AUTOATTACH_POD_INTERFACE] as const;
