import { isJsonObject, type JsonObject, type JsonPath, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { type Text, text } from '@/lib/text';
import { DEVICES, DOMAIN, type VmManifest } from '../field';
import { listAt } from './cloud-init';
import { driversOf } from './sysprep';

const DISKS = [...DEVICES, 'disks'] as const;
const INTERFACES = [...DEVICES, 'interfaces'] as const;

/** What Hyper-V offers to Windows, as KubeVirt's own preferences for Windows have it. */
const HYPERV: JsonObject = {
  relaxed: {},
  vapic: {},
  spinlocks: { spinlocks: 8191 },
  vpindex: {},
  runtime: {},
  synic: {},
  synictimer: { direct: {} },
  frequencies: {},
  reenlightenment: {},
  reset: {},
  tlbflush: {},
  ipi: {},
};

const CLOCK: JsonObject = {
  utc: {},
  timer: {
    hpet: { present: false },
    hyperv: {},
    pit: { tickPolicy: 'delay' },
    rtc: { tickPolicy: 'catchup' },
  },
};

/**
 * Makes a VM one that Windows starts on as it comes: what Hyper-V would offer, a clock that keeps time, a tablet for the
 * pointer, and, unless the VirtIO drivers are with it, disks on SATA and network cards of the model e1000e. What the VM
 * says already stays. A preference does most of this by itself, and then only the rest is done.
 * @param hasPreference whether the VM's preference is one for Windows
 * @returns the VM, and in words what was done
 */
export function withWindowsDefaults(
  vm: VmManifest,
  { hasPreference }: { hasPreference: boolean },
): { vm: VmManifest; done: Text[] } {
  let made = vm;
  const done: Text[] = [];
  const fill = (path: JsonPath, value: unknown, what: Text) => {
    if (valueAt(made, path) !== undefined) return;
    made = withValueAt(made, path, value);
    done.push(what);
  };
  if (!hasPreference) {
    fill([...DOMAIN, 'features', 'hyperv'], HYPERV, text('guest.windows.hyperv'));
    for (const feature of ['acpi', 'apic']) {
      if (valueAt(made, [...DOMAIN, 'features', feature]) === undefined)
        made = withValueAt(made, [...DOMAIN, 'features', feature], {});
    }
    fill([...DOMAIN, 'clock'], CLOCK, text('guest.windows.clock'));
    fill(
      [...DEVICES, 'inputs'],
      [{ name: 'tablet', type: 'tablet', bus: 'usb' }],
      text('guest.windows.tablet'),
    );
  }
  if (driversOf(vm) || hasPreference) return { vm: made, done };
  const disks = listAt(made, DISKS).map((disk) =>
    wordAt(disk, ['disk', 'bus']) === 'virtio' && isJsonObject(disk)
      ? withValueAt(disk, ['disk', 'bus'], 'sata')
      : disk,
  );
  if (disks.some((disk, index) => disk !== listAt(made, DISKS)[index])) {
    made = withValueAt(made, DISKS, disks);
    done.push(text('guest.windows.sata'));
  }
  const cards = listAt(made, INTERFACES).map((card) =>
    isJsonObject(card) && !isJsonObject(card.sriov) && ['', 'virtio'].includes(wordAt(card, ['model']))
      ? { ...card, model: 'e1000e' }
      : card,
  );
  if (cards.some((card, index) => card !== listAt(made, INTERFACES)[index])) {
    made = withValueAt(made, INTERFACES, cards);
    done.push(text('guest.windows.e1000e'));
  }
  return { vm: made, done };
}
