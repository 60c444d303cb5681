import type { Ref } from '@/lib/k8s/object';
import { MERGE_PATCH } from '@/lib/k8s/patch';
import { resourcePath } from '@/lib/k8s/resource';
import type { ApiCall } from '@/lib/kinds/action';
import { RESOURCES } from '@/lib/kinds/resources';
import { type Text, text } from '@/lib/text';
import {
  FOLDER_LABEL,
  folderChange,
  folderOf,
  type LabelChange,
  OPENSHIFT_FOLDER_LABEL,
  openChange,
  tagChange,
} from './labels';
import type { VmRow } from './row';
import type { TreePlace } from './tree';

/** What of a row a change of its labels needs to know. */
export type Labelled = Pick<VmRow, 'namespace' | 'name' | 'uid' | 'labels'>;

/** What becomes of a VM that is dropped on a place; undefined where nothing can be dropped. */
export function dropChange(place: TreePlace): LabelChange | undefined {
  if (place.kind === 'namespace') return folderChange('');
  if (place.kind === 'folder') return folderChange(place.folder);
  const { dimension, value } = place;
  if (dimension === 'tag') return value ? tagChange(value, true) : undefined;
  if (!dimension.startsWith('label:')) return undefined;
  return { [dimension.slice('label:'.length)]: value || null };
}

/** The action for many VMs that does what dropping them on a place does; see BULK_LABEL_ACTIONS. */
export function dropActionId(place: TreePlace): string {
  if (place.kind === 'namespace') return 'leave-folder';
  if (place.kind === 'folder') return 'move-to-folder';
  if (place.dimension === 'tag') return 'add-tag';
  return place.value ? 'add-label' : 'remove-label';
}

export interface DropPlan<Vm> {
  moving: Vm[];
  /** Those that stay as they are, and why. */
  left: { vm: Vm; reason: Text }[];
}

/** Which of the dragged VMs a place takes. `denied` says why those of a namespace may not be changed. */
export function planDrop<Vm extends Labelled>(
  place: TreePlace,
  vms: readonly Vm[],
  denied: (namespace: string) => Text | undefined,
): DropPlan<Vm> {
  const change = dropChange(place);
  const plan: DropPlan<Vm> = { moving: [], left: [] };
  for (const vm of vms) {
    const reason = change ? reasonAgainst(place, change, vm, denied) : text('tree.drop.notHere');
    if (reason) plan.left.push({ vm, reason });
    else plan.moving.push(vm);
  }
  return plan;
}

function reasonAgainst(
  place: TreePlace,
  change: LabelChange,
  { namespace, labels }: Labelled,
  denied: (namespace: string) => Text | undefined,
): Text | undefined {
  if (place.kind !== 'value' && place.namespace !== namespace) {
    return text('tree.drop.otherNamespace', { namespace, target: place.namespace });
  }
  if (isSo(labels, change)) return text('tree.drop.already');
  return denied(namespace);
}

/** Whether a change would change nothing. A VM in OpenShift's folder of that name lies in it already. */
function isSo(labels: Readonly<Record<string, string>>, change: LabelChange): boolean {
  if (Object.keys(openChange(labels, change)).length === 0) return true;
  const wanted = change[FOLDER_LABEL];
  return typeof wanted === 'string' && folderOf(labels) === folderOf({ [FOLDER_LABEL]: wanted });
}

/**
 * Changes labels of the VM itself and nothing else: the template's, which the guest's pod has, stay, so that nothing
 * restarts. The uid keeps it from another VM that has taken the name meanwhile (the API answers 409 then).
 */
export function labelCall(ref: Ref, uid: string, change: LabelChange): ApiCall {
  return {
    method: 'PATCH',
    path: resourcePath(RESOURCES.virtualMachines, ref.namespace, ref.name),
    contentType: MERGE_PATCH,
    body: { metadata: { uid, labels: change } },
  };
}

const JSON_PATCH = 'application/json-patch+json';

/**
 * Moves a VM from one folder to another (or out of all, when `to` is empty) only if it still lies where it was seen: what
 * somebody else has moved meanwhile stays there, and the API answers 422.
 */
export function moveIfStillThere(ref: Ref, vm: Labelled, to: string): ApiCall {
  const key = vm.labels[FOLDER_LABEL] ? FOLDER_LABEL : OPENSHIFT_FOLDER_LABEL;
  const change = openChange(vm.labels, folderChange(to));
  const operations = Object.entries(change).map(([label, value]) =>
    value === null ? { op: 'remove', path: pointer(label) } : { op: 'add', path: pointer(label), value },
  );
  return {
    method: 'PATCH',
    path: resourcePath(RESOURCES.virtualMachines, ref.namespace, ref.name),
    contentType: JSON_PATCH,
    body: [
      { op: 'test', path: '/metadata/uid', value: vm.uid },
      { op: 'test', path: pointer(key), value: vm.labels[key] },
      ...operations,
    ],
  };
}

/** The JSON pointer (RFC 6901) of a label. */
function pointer(label: string): string {
  return `/metadata/labels/${label.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** What a task says about a change: what it is, and whole sentences for while it runs and when it was done. */
export function changeWords(name: string, change: LabelChange): { action: Text; doing: Text; done: Text } {
  const folder = change[FOLDER_LABEL];
  if (folder === undefined) {
    const [doing, done] = [text('tree.task.changing', { name }), text('tree.task.changed', { name })];
    return { action: text('tree.task.labels'), doing, done };
  }
  const action = text('tree.task.move');
  if (folder === null) {
    return {
      action,
      doing: text('tree.task.takingOut', { name }),
      done: text('tree.task.takenOut', { name }),
    };
  }
  const values = { name, folder: folderOf({ [FOLDER_LABEL]: folder }) };
  return { action, doing: text('tree.task.moving', values), done: text('tree.task.moved', values) };
}
