import type { NewObject } from '../../api/objects';
import { CREATED_BY, launcherPod } from '../launcher-pod';
import type { Affinity } from '../placement-types';
import type { Node, Pod, VirtualMachineInstance } from '../types';
import { MIGRATION_JOB, type Migration } from './migration';

const HOST_MODEL = 'host-model-cpu.node.kubevirt.io/';
const HOST_FEATURES = 'host-model-required-features.node.kubevirt.io/';
const MIGRATION_MODEL = 'cpu-model-migration.node.kubevirt.io/';
const FEATURE = 'cpu-feature.node.kubevirt.io/';

/**
 * The launcher that a guest moves into: like the one it has, on any other node that has its CPU. Mirrors createTargetPod
 * of virt-controller's migration controller.
 */
export function targetPod(
  migration: Migration,
  vmi: VirtualMachineInstance,
  sourceNode: Node | undefined,
): NewObject {
  const pod = launcherPod(vmi);
  // As launcherPod builds it.
  const spec = pod.spec as Pod['spec'];
  const { metadata } = pod;
  metadata.labels = { ...metadata.labels, [MIGRATION_JOB]: migration.metadata.uid };
  metadata.annotations = {
    ...metadata.annotations,
    'kubevirt.io/migrationJobName': migration.metadata.name,
  };
  spec.nodeSelector = {
    ...migration.spec.addedNodeSelector,
    ...spec.nodeSelector,
    ...hostModelSelector(vmi, sourceNode),
  };
  spec.affinity = awayFrom(vmi, spec.affinity);
  return pod;
}

/** What a guest of model host-model takes from the node that it was started on: that node's model and features. */
export function hostModelSelector(
  vmi: VirtualMachineInstance,
  sourceNode: Node | undefined,
): Record<string, string> {
  if (vmi.spec.domain.cpu?.model !== 'host-model') return {};
  const selector: Record<string, string> = {};
  for (const [label, value] of Object.entries(sourceNode?.metadata.labels ?? {})) {
    if (label.startsWith(HOST_MODEL)) selector[MIGRATION_MODEL + label.slice(HOST_MODEL.length)] = value;
    if (label.startsWith(HOST_FEATURES)) selector[FEATURE + label.slice(HOST_FEATURES.length)] = value;
  }
  return selector;
}

function awayFrom({ metadata }: VirtualMachineInstance, affinity: Affinity = {}): Affinity {
  const term = {
    labelSelector: { matchLabels: { [CREATED_BY]: metadata.uid } },
    topologyKey: 'kubernetes.io/hostname',
  };
  const rules = affinity.podAntiAffinity;
  const required = [...(rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []), term];
  return {
    ...affinity,
    podAntiAffinity: { ...rules, requiredDuringSchedulingIgnoredDuringExecution: required },
  };
}
