import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import type { ApiRequest } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import type { Dependent } from '@/lib/kinds/vm/delete';
import { renamedVm } from '@/lib/kinds/vm/rename';
import { JSON_PATCH } from '@/lib/manifest/json-patch';
import { isMapping, type ManifestObject } from '@/lib/manifest/manifest';

export const RENAME_STEPS = ['check', 'release', 'create', 'remove'] as const;
export type RenameStep = (typeof RENAME_STEPS)[number];

export type RenameOutcome =
  | { kind: 'done' }
  /** All is as it was. */
  | { kind: 'undone'; step: RenameStep; error: ApiErrorJson }
  /** The new VM is there, and so is the old one, without disks of its own. */
  | { kind: 'both'; error: ApiErrorJson }
  /** It failed, and so did putting it back: what is left is told by both errors. */
  | { kind: 'broken'; step: RenameStep; error: ApiErrorJson; undoing: ApiErrorJson };

export interface RenameEffects {
  /** @throws ApiError */
  call: (path: string, request?: ApiRequest) => Promise<unknown>;
  /** What the VM of this uid owns of claims and DataVolumes. @throws ApiError where it can't be seen. */
  disksOf: (uid: string) => Promise<Dependent[]>;
  onStep: (step: RenameStep) => void;
}

/**
 * Makes a VM of another name that takes over the disks, and deletes the old one. Before anything is changed, both are
 * asked of the API as dry runs. The disks are let go of first: what an old VM owns goes with it. When a step fails, the
 * old VM gets back what was taken from it; once the new one is there nothing is taken back, since its end would be that
 * of the disks.
 */
export async function renameVm(
  ref: Ref,
  name: string,
  options: { keepHostname: boolean },
  effects: RenameEffects,
): Promise<RenameOutcome> {
  const { call, onStep } = effects;
  const vms = resourcePath(RESOURCES.virtualMachines, ref.namespace);
  const path = resourcePath(RESOURCES.virtualMachines, ref.namespace, ref.name);
  // Widened: it changes inside `enter`.
  let step = 'check' as RenameStep;
  let undo: Undo | undefined;
  const enter = (next: RenameStep) => {
    step = next;
    onStep(next);
  };
  try {
    enter('check');
    const vm = (await call(path)) as ManifestObject;
    const uid = isMapping(vm.metadata) ? String(vm.metadata.uid ?? '') : '';
    const body = renamedVm(vm, name, options);
    const disks = await effects.disksOf(uid);
    const deletion = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } };
    await call(vms, { method: 'POST', body, query: { dryRun: 'All' } });
    await call(path, { method: 'DELETE', body: { ...deletion, dryRun: ['All'] } });

    enter('release');
    undo = undoOf(ref, vm, uid);
    await release(ref, vm, uid, disks, effects, undo);
    enter('create');
    const made = (await call(vms, { method: 'POST', body })) as ManifestObject;
    undo = undefined;
    await own(ref, made, disks, call);
    enter('remove');
    await call(path, { method: 'DELETE', body: { ...deletion, propagationPolicy: 'Background' } });
    return { kind: 'done' };
  } catch (cause) {
    const error = errorOf(cause, path);
    if (step === 'remove') return { kind: 'both', error };
    try {
      await undo?.run(call);
      return { kind: 'undone', step, error };
    } catch (second) {
      return { kind: 'broken', step, error, undoing: errorOf(second, path) };
    }
  }
}

interface Undo {
  released: Dependent[];
  hasTemplates: boolean;
  run: (call: RenameEffects['call']) => Promise<void>;
}

function undoOf(ref: Ref, vm: ManifestObject, uid: string): Undo {
  const undo: Undo = {
    released: [],
    hasTemplates: false,
    async run(call) {
      // The owner first: KubeVirt takes back by itself what its templates name and nobody owns.
      for (const disk of undo.released) await giveTo(ref, vm, disk, call);
      if (!undo.hasTemplates || !isMapping(vm.spec)) return;
      await call(resourcePath(RESOURCES.virtualMachines, ref.namespace, ref.name), {
        method: 'PATCH',
        contentType: JSON_PATCH,
        body: [
          { op: 'test', path: '/metadata/uid', value: uid },
          { op: 'add', path: '/spec/dataVolumeTemplates', value: vm.spec.dataVolumeTemplates },
        ],
      });
    },
  };
  return undo;
}

/** Makes a VM the owner of a disk that has none. */
async function giveTo(
  { namespace }: Ref,
  { apiVersion, kind, metadata }: ManifestObject,
  disk: Dependent,
  call: RenameEffects['call'],
): Promise<void> {
  const { name, uid } = isMapping(metadata) ? metadata : {};
  const owner = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
  await call(resourcePath(disk.resource, namespace, disk.name), {
    method: 'PATCH',
    contentType: JSON_PATCH,
    body: [
      { op: 'test', path: '/metadata/uid', value: disk.uid },
      { op: 'add', path: '/metadata/ownerReferences', value: [owner] },
    ],
  });
}

/** Gives the disks to the new VM, so that they go with it one day as they would have gone with the old one. */
async function own(
  ref: Ref,
  vm: ManifestObject,
  disks: readonly Dependent[],
  call: RenameEffects['call'],
): Promise<void> {
  for (const disk of disks) {
    try {
      await giveTo(ref, vm, disk, call);
    } catch (error) {
      // It serves the new VM all the same, and outlives it; nothing is worth stopping here with two VMs of one disk.
      if (!(error instanceof ApiError)) throw error;
    }
  }
}

/** Takes the disks from a VM: its templates first, by which KubeVirt would take them back. */
async function release(
  ref: Ref,
  vm: ManifestObject,
  uid: string,
  disks: readonly Dependent[],
  { call }: RenameEffects,
  undo: Undo,
): Promise<void> {
  const templates = isMapping(vm.spec) ? vm.spec.dataVolumeTemplates : undefined;
  if (templates !== undefined) {
    await call(resourcePath(RESOURCES.virtualMachines, ref.namespace, ref.name), {
      method: 'PATCH',
      contentType: JSON_PATCH,
      body: [
        { op: 'test', path: '/metadata/uid', value: uid },
        { op: 'test', path: '/spec/dataVolumeTemplates', value: templates },
        { op: 'remove', path: '/spec/dataVolumeTemplates' },
      ],
    });
    undo.hasTemplates = true;
  }
  for (const disk of disks) {
    const owner = `/metadata/ownerReferences/${disk.ownerIndex}`;
    await call(resourcePath(disk.resource, ref.namespace, disk.name), {
      method: 'PATCH',
      contentType: JSON_PATCH,
      body: [
        { op: 'test', path: '/metadata/uid', value: disk.uid },
        { op: 'test', path: `${owner}/uid`, value: uid },
        { op: 'remove', path: owner },
      ],
    });
    undo.released.push(disk);
  }
}

function errorOf(cause: unknown, path: string): ApiErrorJson {
  if (cause instanceof ApiError) return cause.toJSON();
  return new ApiError(0, 'Unexpected', String(cause), { method: '', path }).toJSON();
}
