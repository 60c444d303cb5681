import { describe, expect, it } from 'vitest';
import type { K8sObject } from '@/lib/k8s/object';
import { RESOURCES } from '@/lib/kinds/resources';
import { vmiPart, vmPart, vmRecord } from '@/lib/kinds/vm/parts';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { ResourceFeed } from './resource-feed';
import { FakeClock, settle, virtualMachine } from './testing/fake-api';
import { ModelApi } from './testing/model-api';
import { randomly } from './testing/rows';
import { VmTable } from './vm-table';

const ASKER = { cluster: { name: 'lab' }, key: 'me' };
const VMS = 'virtualmachines';
const VMIS = 'virtualmachineinstances';
const ROUNDS = 60;
const CHANGES_A_ROUND = 12;

function setUp(seed: number) {
  const random = randomly(seed);
  const api = new ModelApi(random);
  const clock = new FakeClock();
  const vms = new ResourceFeed(
    { asker: ASKER, resource: RESOURCES.virtualMachines },
    (object) => vmPart(object as VirtualMachine),
    api,
    clock,
  );
  const vmis = new ResourceFeed(
    { asker: ASKER, resource: RESOURCES.virtualMachineInstances },
    (object) => vmiPart(object as VirtualMachineInstance),
    api,
    clock,
  );
  const table = new VmTable(
    () => ({ value: vms, release: () => {} }),
    () => ({ value: vmis, release: () => {} }),
  );
  return { random, api, clock, vms, vmis, table };
}

let uids = 0;

/** One change of the cluster: VMs come under names that others had, VMIs come and go with and without a VM. */
function change(api: ModelApi, random: () => number): void {
  const pick = <T>(all: T[]): T | undefined => all[Math.floor(random() * all.length)];
  const name = `vm-${Math.floor(random() * 25)}`;
  const status = pick(['Running', 'Stopped', 'Starting', 'Paused']) ?? '';
  const dice = random();
  const vm = api.list(VMS).find((object) => object.metadata.name === name);
  const vmi = api.list(VMIS).find((object) => object.metadata.name === name);
  if (dice < 0.45) {
    const fresh = virtualMachine(name, '0', status);
    uids += 1;
    const uid = vm?.metadata.uid ?? `vm-uid-${String(uids).padStart(6, '0')}`;
    api.put(VMS, { ...fresh, metadata: { ...fresh.metadata, uid } });
  } else if (dice < 0.6) api.delete(VMS, vm?.metadata.uid ?? '');
  else if (dice < 0.9) api.put(VMIS, instance(name, vmi, random));
  else api.delete(VMIS, vmi?.metadata.uid ?? '');
}

function instance(name: string, known: K8sObject | undefined, random: () => number): K8sObject {
  uids += 1;
  const { metadata } = virtualMachine(name, '0', '');
  const uid = known?.metadata.uid ?? `vmi-uid-${String(uids).padStart(6, '0')}`;
  const made = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { ...metadata, uid },
    spec: { domain: { devices: {} } },
    status: { phase: 'Running', nodeName: `node-${Math.floor(random() * 3)}` },
  };
  return made;
}

/** The rows that a fresh list of both would give, by uid. */
function expected(api: ModelApi): Map<string, string> {
  const vmis = new Map(
    api.list(VMIS).map((object) => [object.metadata.name, object as VirtualMachineInstance]),
  );
  return new Map(
    api
      .list(VMS)
      .map((vm) => [
        vm.metadata.uid,
        JSON.stringify(vmRecord(vm as VirtualMachine, vmis.get(vm.metadata.name))),
      ]),
  );
}

describe('nothing stale', () => {
  it.each([1, 2, 3, 4, 5, 6])('shows what a fresh list shows, whatever happened (seed %i)', async (seed) => {
    const { random, api, clock, vms, vmis, table } = setUp(seed);
    for (let at = 0; at < 30; at++) change(api, random);
    vms.start();
    vmis.start();
    table.start();
    // What listeners were told, put together, must come to the same.
    const told = new Map<string, string>();
    table.onChange((changed) => {
      for (const uid of changed) {
        const record = table.records.get(uid);
        if (record) told.set(uid, JSON.stringify(record));
        else told.delete(uid);
      }
    });
    for (let round = 0; round < ROUNDS; round++) {
      for (let at = 0; at < CHANGES_A_ROUND; at++) {
        change(api, random);
        const dice = random();
        if (dice < 0.25) await api.deliver(random() < 0.3);
        else if (dice < 0.3) api.drop();
        else if (dice < 0.34) api.compact();
        else if (dice < 0.4) await clock.advance(random() * 3_000);
      }
      // A quiet point: nothing happens any more until all has been heard.
      const isQuiet = () => isLive(vms) && isLive(vmis) && api.isWatched(VMS) && api.isWatched(VMIS);
      for (let turn = 0; turn < 100 && !isQuiet(); turn++) await clock.advance(5_000);
      expect(isQuiet()).toBe(true);
      await api.deliver();
      await settle();
      const wanted = expected(api);
      const shown = new Map([...table.records].map(([uid, record]) => [uid, JSON.stringify(record)]));
      expect(sorted(shown)).toEqual(sorted(wanted));
      expect(sorted(told)).toEqual(sorted(wanted));
    }
    table.stop();
    vms.stop();
    vmis.stop();
  });
});

const isLive = (feed: { state: { state: string } }) => feed.state.state === 'live';

const sorted = (rows: Map<string, string>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
