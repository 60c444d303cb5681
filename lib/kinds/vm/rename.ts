import { type JsonObject, mappingsAt, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { type Text, text } from '@/lib/text';
import type { VmFacts } from './facts';
import { DOMAIN, GUEST, type VmManifest } from './form/field';

/*
 * Kubernetes has no renaming: the name is part of what an object is. What comes closest is a VM of the new name that
 * takes over the disks, and the end of the old one.
 */

/** Run strategies under which nothing starts a VM while it is being made anew. */
const AT_REST = ['Halted', 'Manual'];

/** Why a VM can't be renamed now; undefined when it can. */
export function renameUnavailable(facts: VmFacts): Text | undefined {
  if (facts.deleting) return text('vm.reason.beingDeleted');
  if (facts.vmi) return text('configure.rename.runs');
  if (facts.requests.length > 0) return text('vm.reason.busy');
  if (facts.snapshotting) return text('vm.reason.snapshotting');
  return AT_REST.includes(facts.runStrategy)
    ? undefined
    : text('configure.rename.startsByItself', { strategy: facts.runStrategy });
}

/** Annotations that say something of the old object alone. */
const OWN_ANNOTATIONS = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'kubevirt.io/latest-observed-api-version',
  'kubevirt.io/storage-observed-api-version',
];

/**
 * The VM that takes the place of another. Its DataVolume templates name the disks that are there, which KubeVirt then
 * takes for its own. `keepHostname`: the guest goes on being called as before.
 */
export function renamedVm(
  vm: VmManifest,
  name: string,
  { keepHostname }: { keepHostname: boolean },
): JsonObject {
  const { metadata, spec } = vm;
  const annotations = { ...(valueAt(metadata, ['annotations']) as JsonObject | undefined) };
  for (const key of OWN_ANNOTATIONS) delete annotations[key];
  const labels = valueAt(metadata, ['labels']);
  const made: JsonObject = {
    apiVersion: vm.apiVersion,
    kind: vm.kind,
    metadata: {
      name,
      namespace: wordAt(metadata, ['namespace']),
      ...(labels ? { labels } : {}),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec,
  };
  // Revisions belong to the old VM and go with it.
  const steps: readonly ((before: JsonObject) => JsonObject)[] = [
    (before) => withValueAt(before, ['spec', 'instancetype', 'revisionName'], undefined),
    (before) => withValueAt(before, ['spec', 'preference', 'revisionName'], undefined),
    (before) =>
      keepHostname && !hostnameOf(vm)
        ? withValueAt(before, [...GUEST, 'hostname'], wordAt(metadata, ['name']))
        : before,
  ];
  return steps.reduce((before, step) => step(before), made);
}

/** The name that a guest is given beside its VM's; empty when it goes by its VM's name. */
export function hostnameOf(vm: VmManifest): string {
  return wordAt(vm, [...GUEST, 'hostname']);
}

/** What does not come along, as far as this VM has it. */
export function renameLosses(vm: VmManifest): Text[] {
  const losses: [Text, boolean][] = [
    [text('configure.rename.identity'), true],
    [text('configure.rename.snapshots'), true],
    [text('configure.rename.services'), true],
    [text('configure.rename.cloudInit'), hasCloudInit(vm)],
    [text('configure.rename.addresses'), hasFreeAddress(vm)],
    [text('configure.rename.state'), hasState(vm)],
    [text('configure.rename.revision'), valueAt(vm, ['spec', 'instancetype']) !== undefined],
    [text('configure.rename.owner'), mappingsAt(vm, ['metadata', 'ownerReferences']).length > 0],
  ];
  return losses.flatMap(([loss, isLost]) => (isLost ? [loss] : []));
}

function hasCloudInit(vm: VmManifest): boolean {
  return mappingsAt(vm, [...GUEST, 'volumes']).some(
    ({ cloudInitNoCloud, cloudInitConfigDrive }) => (cloudInitNoCloud ?? cloudInitConfigDrive) !== undefined,
  );
}

function hasFreeAddress(vm: VmManifest): boolean {
  return mappingsAt(vm, [...DOMAIN, 'devices', 'interfaces']).some((nic) => !wordAt(nic, ['macAddress']));
}

/** TPM and UEFI variables that last are kept in a claim that is found by the VM's name. */
function hasState(vm: VmManifest): boolean {
  return (
    valueAt(vm, [...DOMAIN, 'devices', 'tpm', 'persistent']) === true ||
    valueAt(vm, [...DOMAIN, 'firmware', 'bootloader', 'efi', 'persistent']) === true
  );
}
