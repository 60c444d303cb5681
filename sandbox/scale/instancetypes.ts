import type { ClusterApi, KubeObject } from '../api/objects';
import { serves } from '../controllers/claims';
import { parseQuantity } from '../controllers/quantity';
import type { Size } from './catalogue';
import type { MachinePlan } from './plan';

const INSTANCETYPES = 'virtualmachineclusterinstancetypes.instancetype.kubevirt.io';
const PREFERENCES = 'virtualmachineclusterpreferences.instancetype.kubevirt.io';
const GIB = 2 ** 30;
/** The universal ones: the others want features that not every cluster has. */
const FAMILY = 'u1.';

interface Instancetype extends KubeObject {
  spec: { cpu?: { guest?: number }; memory?: { guest?: string } };
}

interface Preference extends KubeObject {
  spec: { requirements?: { cpu?: { guest?: number }; memory?: { guest?: string } } };
}

/** The preferences that KubeVirt brings, by how our systems are called. */
const PREFERRED = [
  ['rhel9', 'rhel.9'],
  ['rhel8', 'rhel.8'],
  ['ubuntu', 'ubuntu'],
  ['debian', 'debian'],
  ['fedora', 'fedora'],
  ['centos', 'centos.stream10'],
  ['sles', 'opensuse.leap'],
  ['windows2022', 'windows.2k22.virtio'],
  ['windows2019', 'windows.2k19.virtio'],
  ['windows11', 'windows.11.virtio'],
] as const;

/** The cluster's instance type of exactly the machine's size, and the preference for its system, if there are any. */
export function instancetypeFor(
  cluster: ClusterApi,
  { size, system }: MachinePlan,
): { name: string; preference: string | undefined } | undefined {
  if (!serves(cluster, INSTANCETYPES)) return undefined;
  const found = cluster
    .list<Instancetype>(INSTANCETYPES)
    .find(
      ({ metadata, spec }) =>
        metadata.name.startsWith(FAMILY) &&
        spec.cpu?.guest === size.cpus &&
        parseQuantity(spec.memory?.guest) === size.memoryGi * GIB,
    );
  if (!found) return undefined;
  const word = PREFERRED.find(([os]) => system.os.startsWith(os))?.[1];
  const preference = cluster
    .list<Preference>(PREFERENCES)
    .find(({ metadata, spec }) => metadata.name === word && isLargeEnough(size, spec.requirements));
  return { name: found.metadata.name, preference: preference?.metadata.name };
}

function isLargeEnough(
  { cpus, memoryGi }: Size,
  { cpu, memory }: Preference['spec']['requirements'] = {},
): boolean {
  return (cpu?.guest ?? 0) <= cpus && parseQuantity(memory?.guest) <= memoryGi * GIB;
}
