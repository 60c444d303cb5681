import { isDnsLabel } from '@/lib/k8s/dns-name';
import { isJsonObject, type JsonObject, mappingsAt, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { text } from '@/lib/text';
import { DEVICES, type Field, type VmManifest } from './field';
import { field, listField, presenceField, triField, wordField } from './make-field';

const GPUS_AT = [...DEVICES, 'gpus'] as const;
const HOST_DEVICES_AT = [...DEVICES, 'hostDevices'] as const;

/** Devices of the host: `{name, deviceName}`, or by a claim of dynamic resource allocation. */
export const GPUS = listField('gpus', GPUS_AT, { problem: (list, vm) => deviceProblem(list, vm) });
export const HOST_DEVICES = listField('host-devices', HOST_DEVICES_AT, {
  problem: (list, vm) => deviceProblem(list, vm),
});

function deviceProblem(list: readonly unknown[], vm: VmManifest) {
  const names = [...mappingsAt(vm, GPUS_AT), ...mappingsAt(vm, HOST_DEVICES_AT)].map((each) =>
    wordAt(each, ['name']),
  );
  for (const each of list) {
    if (!isJsonObject(each)) continue;
    const name = wordAt(each, ['name']);
    if (name === '') return text('devices.host.noName');
    if (!isDnsLabel(name)) return text('devices.host.oddName', { name });
    if (names.filter((other) => other === name).length > 1) return text('devices.host.twice', { name });
    if (!wordAt(each, ['deviceName']) && !wordAt(each, ['claimName']))
      return text('devices.host.noDevice', { name });
  }
  return undefined;
}

/** A new entry for a device with a name that is free, e.g. `gpu-2`. */
export function newDevice(vm: VmManifest, kind: 'gpu' | 'device', deviceName: string): JsonObject {
  const used = new Set(
    [...mappingsAt(vm, GPUS_AT), ...mappingsAt(vm, HOST_DEVICES_AT)].map((each) => wordAt(each, ['name'])),
  );
  let number = 1;
  while (used.has(`${kind}-${number}`)) number += 1;
  return { name: `${kind}-${number}`, deviceName };
}

export const CLIENT_PASSTHROUGH = presenceField('usb-redirection', [...DEVICES, 'clientPassthrough']);

const WATCHDOG_AT = [...DEVICES, 'watchdog'] as const;
/** What happens when the guest no longer resets its watchdog; empty without one. */
export const WATCHDOG = field<string>({
  id: 'watchdog',
  paths: [WATCHDOG_AT.join('.')],
  read: (vm) => {
    const kind = watchdogKind(vm);
    if (!isJsonObject(valueAt(vm, [...WATCHDOG_AT, kind]))) return '';
    return wordAt(vm, [...WATCHDOG_AT, kind, 'action']) || 'reset';
  },
  write: (vm, action) => {
    if (!action) return withValueAt(vm, WATCHDOG_AT, undefined);
    const named = wordAt(vm, [...WATCHDOG_AT, 'name'])
      ? vm
      : withValueAt(vm, [...WATCHDOG_AT, 'name'], 'watchdog');
    return withValueAt(named, [...WATCHDOG_AT, watchdogKind(vm), 'action'], action);
  },
});
export const WATCHDOG_ACTIONS = ['reset', 'poweroff', 'shutdown'] as const;

/** s390x has a watchdog of its own. */
function watchdogKind(vm: VmManifest): 'diag288' | 'i6300esb' {
  return isJsonObject(valueAt(vm, [...WATCHDOG_AT, 'diag288'])) ? 'diag288' : 'i6300esb';
}

export const RNG = presenceField('rng', [...DEVICES, 'rng']);

export const VIDEO_TYPES = ['virtio', 'vga', 'bochs', 'cirrus', 'ramfb'] as const;
export const VIDEO = wordField('video', [...DEVICES, 'video', 'type'], {
  problem: (type, vm) =>
    type !== '' && GRAPHICS.read(vm) === 'off' ? text('devices.video.needsGraphics') : undefined,
});

const SOUND_AT = [...DEVICES, 'sound'] as const;
export const SOUND_MODELS = ['ich9', 'ac97'] as const;
/** The model of the sound card; empty without one. */
export const SOUND = field<string>({
  id: 'sound',
  paths: [SOUND_AT.join('.')],
  read: (vm) => (isJsonObject(valueAt(vm, SOUND_AT)) ? wordAt(vm, [...SOUND_AT, 'model']) || 'ich9' : ''),
  write: (vm, model) => {
    if (!model) return withValueAt(vm, SOUND_AT, undefined);
    const named = wordAt(vm, [...SOUND_AT, 'name']) ? vm : withValueAt(vm, [...SOUND_AT, 'name'], 'sound');
    return withValueAt(named, [...SOUND_AT, 'model'], model);
  },
});

const INPUTS_AT = [...DEVICES, 'inputs'] as const;
export const TABLET_BUSES = ['usb', 'virtio'] as const;
/** The bus of the pointing device that says where the pointer is; empty without one. */
export const TABLET = field<string>({
  id: 'tablet',
  paths: [INPUTS_AT.join('.')],
  read: (vm) => {
    const tablet = mappingsAt(vm, INPUTS_AT).find(isTablet);
    return tablet ? wordAt(tablet, ['bus']) || 'usb' : '';
  },
  write: (vm, bus) => {
    const list = valueAt(vm, INPUTS_AT);
    const inputs: readonly unknown[] = Array.isArray(list) ? list : [];
    const at = inputs.findIndex((each) => isJsonObject(each) && isTablet(each));
    if (!bus) {
      const rest = inputs.filter((_, index) => index !== at);
      return withValueAt(vm, INPUTS_AT, rest.length > 0 ? rest : undefined);
    }
    if (at < 0) return withValueAt(vm, INPUTS_AT, [...inputs, { name: 'tablet', type: 'tablet', bus }]);
    return withValueAt(vm, [...INPUTS_AT, at, 'bus'], bus);
  },
});

function isTablet(input: JsonObject): boolean {
  return input.type === 'tablet';
}

export const GRAPHICS = triField('graphics', [...DEVICES, 'autoattachGraphicsDevice']);
export const SERIAL_CONSOLE = triField('serial-console', [...DEVICES, 'autoattachSerialConsole']);
export const SERIAL_LOG = triField('serial-log', [...DEVICES, 'logSerialConsole'], {
  problem: (value, vm) =>
    value === 'on' && SERIAL_CONSOLE.read(vm) === 'off' ? text('devices.serialLog.needsConsole') : undefined,
});
export const INPUT_DEVICE = triField('input-device', [...DEVICES, 'autoattachInputDevice']);
export const MEM_BALLOON = triField('memory-balloon', [...DEVICES, 'autoattachMemBalloon']);
export const VSOCK = triField('vsock', [...DEVICES, 'autoattachVSOCK']);
export const BLOCK_QUEUES = triField('block-queues', [...DEVICES, 'blockMultiQueue']);
export const NETWORK_QUEUES = triField('network-queues', [...DEVICES, 'networkInterfaceMultiqueue']);
export const DOWNWARD_METRICS = presenceField('downward-metrics', [...DEVICES, 'downwardMetrics']);

const PANIC_AT = [...DEVICES, 'panicDevices'] as const;
export const PANIC_MODELS = ['default', 'isa', 'hyperv', 'pvpanic'] as const;
/** The model of the first device by which a guest tells its host of a crash; empty without one. */
export const PANIC = field<string>({
  id: 'panic-device',
  paths: [PANIC_AT.join('.')],
  read: (vm) => {
    const [first] = mappingsAt(vm, PANIC_AT);
    return first ? wordAt(first, ['model']) || 'default' : '';
  },
  write: (vm, model) => {
    const list = valueAt(vm, PANIC_AT);
    const all: readonly unknown[] = Array.isArray(list) ? list : [];
    const at = all.findIndex(isJsonObject);
    const rest = all.filter((_, index) => index !== at);
    if (!model) return withValueAt(vm, PANIC_AT, rest.length > 0 ? rest : undefined);
    const { model: _, ...kept } = isJsonObject(all[at]) ? all[at] : {};
    return withValueAt(vm, PANIC_AT, [{ ...kept, ...(model === 'default' ? {} : { model }) }, ...rest]);
  },
});

export const DEVICE_FIELDS: readonly Field<unknown>[] = [
  GPUS,
  HOST_DEVICES,
  CLIENT_PASSTHROUGH,
  GRAPHICS,
  VIDEO,
  TABLET,
  INPUT_DEVICE,
  SOUND,
  SERIAL_CONSOLE,
  SERIAL_LOG,
  WATCHDOG,
  RNG,
  MEM_BALLOON,
  VSOCK,
  PANIC,
  BLOCK_QUEUES,
  NETWORK_QUEUES,
  DOWNWARD_METRICS,
];
