import { isJsonObject, type JsonObject } from '@/lib/k8s/json';
import type { Ref } from '@/lib/k8s/object';
import { resourcePath } from '@/lib/k8s/resource';
import type { ApiCall } from '@/lib/kinds/action';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VmManifest } from './form/field';
import { entriesOf } from './form/named-entries';
import { isHotpluggable } from './form/volumes-apply';

/** A volume that comes or goes by a call of its own. */
export interface PlugCall {
  volume: string;
  comes: boolean;
  call: ApiCall;
}

/**
 * The calls that plug in and out what an edit adds and removes, for clusters whose KubeVirt doesn't follow a template's
 * volumes (without the gate DeclarativeHotplugVolumes). virt-controller writes each into the template itself. A drive
 * can't be filled so: only disks and LUNs come and go.
 */
export function plugCalls(ref: Ref, before: VmManifest, after: VmManifest): PlugCall[] {
  const [volumes, next] = [entriesOf(before, 'volumes'), entriesOf(after, 'volumes')];
  const [disks, nextDisks] = [entriesOf(before, 'disks'), entriesOf(after, 'disks')];
  const removed = [...volumes].filter(
    ([name, volume]) => !next.has(name) && !nextDisks.has(name) && isHotpluggable(volume),
  );
  const added = [...next].filter(([name, volume]) => {
    const disk = nextDisks.get(name);
    return (
      !volumes.has(name) && !disks.has(name) && disk && !isJsonObject(disk.cdrom) && isHotpluggable(volume)
    );
  });
  return [
    ...removed.map(([volume]) => ({
      volume,
      comes: false,
      call: put(ref, 'removevolume', { name: volume }),
    })),
    ...added.map(([volume, { name, ...volumeSource }]) => ({
      volume,
      comes: true,
      call: put(ref, 'addvolume', { name, disk: nextDisks.get(volume), volumeSource }),
    })),
  ];
}

function put({ namespace, name }: Ref, subresource: 'addvolume' | 'removevolume', body: JsonObject): ApiCall {
  const path = resourcePath(RESOURCES.virtualMachineActions, namespace, name, subresource);
  return { method: 'PUT', path, body };
}

/** Whether a VM's template has or hasn't the volume as the call wanted it. */
export function isPlugged(vm: VmManifest, { volume, comes }: Pick<PlugCall, 'volume' | 'comes'>): boolean {
  return entriesOf(vm, 'volumes').has(volume) === comes;
}
