import { isJsonObject, type JsonObject, valueAt, withValueAt } from '@/lib/k8s/json';
import { bootOrderOf, DISKS } from './disk-entries';
import { DEVICES, type Field, type VmManifest } from './field';

export const INTERFACES = [...DEVICES, 'interfaces'] as const;

/** A disk or an interface that the firmware may start from. */
export interface BootDevice {
  kind: 'disk' | 'interface';
  name: string;
}

const LISTS = [
  ['disk', DISKS],
  ['interface', INTERFACES],
] as const;

/** The devices with a boot order, first to be tried first. Empty: the guest starts from its first disk. */
export const bootOrderField: Field<readonly BootDevice[]> = {
  id: 'boot-order',
  paths: [`${DISKS.join('.')}.bootOrder`, `${INTERFACES.join('.')}.bootOrder`],
  read: (vm) => ordered(vm).map(({ kind, name }) => ({ kind, name })),
  write: (vm, devices) => {
    const before = ordered(vm);
    const isSame =
      before.length === devices.length &&
      before.every(({ kind, name }, index) => kind === devices[index]?.kind && name === devices[index]?.name);
    if (isSame) return vm;
    return LISTS.reduce<VmManifest>((changed, [kind, path]) => {
      const list = valueAt(changed, path);
      if (!Array.isArray(list)) return changed;
      const next = list.map((each: unknown) => {
        if (!isJsonObject(each)) return each;
        const index = devices.findIndex((device) => device.kind === kind && device.name === each.name);
        return withOrder(each, index < 0 ? undefined : index + 1);
      });
      return next.some((each, index) => each !== list[index]) ? withValueAt(changed, path, next) : changed;
    }, vm);
  },
};

/** The order in which the devices are tried, whether they say one or not: then disks as listed. */
export function effectiveBootOrder(vm: VmManifest): BootDevice[] {
  const said = bootOrderField.read(vm);
  return said.length > 0
    ? [...said]
    : namesOf(vm, DISKS)
        .slice(0, 1)
        .map((name) => ({ kind: 'disk', name }));
}

/** The order with a device one place earlier or later; a device that had none comes at the end. */
export function withBootMoved(vm: VmManifest, device: BootDevice, step: -1 | 1): VmManifest {
  const order = effectiveBootOrder(vm);
  const from = order.findIndex(({ kind, name }) => kind === device.kind && name === device.name);
  const without = order.filter((_, index) => index !== from);
  // What stands nowhere enters at the end; what is pushed beyond the end leaves the order.
  const to = from < 0 ? (step < 0 ? order.length : undefined) : from + step;
  if (to === undefined) return vm;
  if (to < 0) return vm;
  if (from >= 0 && to >= order.length) return order.length > 1 ? bootOrderField.write(vm, without) : vm;
  return bootOrderField.write(vm, without.toSpliced(to, 0, device));
}

function namesOf(vm: VmManifest, path: typeof DISKS | typeof INTERFACES): string[] {
  const list = valueAt(vm, path);
  return Array.isArray(list)
    ? list.flatMap((each: unknown) =>
        isJsonObject(each) && typeof each.name === 'string' ? [each.name] : [],
      )
    : [];
}

function ordered(vm: VmManifest): (BootDevice & { order: number })[] {
  return LISTS.flatMap(([kind, path]) => {
    const list = valueAt(vm, path);
    return (Array.isArray(list) ? list : []).flatMap((each: unknown) => {
      const order = isJsonObject(each) ? bootOrderOf(each) : undefined;
      const name = isJsonObject(each) && typeof each.name === 'string' ? each.name : '';
      return order === undefined || !name ? [] : [{ kind, name, order }];
    });
  }).sort((one, other) => one.order - other.order);
}

function withOrder(device: JsonObject, order: number | undefined): JsonObject {
  if (device.bootOrder === order) return device;
  return withValueAt(device, ['bootOrder'], order);
}
