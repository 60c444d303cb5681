import { beforeAll, describe, expect, it } from 'vitest';
import { createAdmission } from '../api/admission/create-admission';
import type { KubeObject } from '../api/objects';
import { type Cluster, createCluster } from '../api/store';
import { clock } from '../clock';
import type { Pod, VirtualMachine, VirtualMachineInstance } from '../controllers/types';
import { generateCluster } from './generated-cluster';
import { TEAMS } from './words';

const COUNT = 250;
const NOW = Date.UTC(2026, 4, 1);
const KINDS = {
  virtualmachines: 'virtualmachines.kubevirt.io',
  virtualmachineinstances: 'virtualmachineinstances.kubevirt.io',
};

const teams = new Set<string>(TEAMS);

let cluster: Cluster;

async function generated(seed: number): Promise<Cluster> {
  const made = createCluster({ directory: undefined, now: () => new Date(NOW) });
  await clock.ago(0, () => generateCluster(made, { vms: COUNT, churn: 0, seed }, () => {}));
  return made;
}

/** Without the uids of the platform's instance types, which are in the names of what was kept of them. */
function textOf(object: unknown): string {
  return JSON.stringify(object).replaceAll(/-v1beta1-[0-9a-f-]{36}-/g, '-');
}

function vms(of = cluster): VirtualMachine[] {
  return of.list<VirtualMachine>(KINDS.virtualmachines);
}

beforeAll(async () => {
  cluster = await generated(1);
}, 60_000);

describe('generated machines', () => {
  it('are the same for the same seed, and others for another', async () => {
    const again = await generated(1);
    const resources = [
      ...Object.values(KINDS),
      'pods',
      'persistentvolumeclaims',
      'datavolumes.cdi.kubevirt.io',
    ];
    for (const resource of resources) {
      // What the platform itself has is not drawn from the seed.
      const [here, there] = [cluster, again].map((of) =>
        of.list(resource).filter(({ metadata }) => teams.has(metadata.namespace ?? '')),
      );
      expect(there?.map(({ metadata }) => metadata.name)).toEqual(here?.map(({ metadata }) => metadata.name));
      const differing = here?.find((object, index) => textOf(object) !== textOf(there?.[index]));
      expect(differing?.metadata.name, resource).toBeUndefined();
    }
    const other = await generated(2);
    const names = new Set(vms().map(({ metadata }) => metadata.name));
    expect(vms(other).filter(({ metadata }) => names.has(metadata.name)).length).toBeLessThan(COUNT / 20);
  }, 60_000);

  it('are varied', () => {
    const all = vms();
    const distinct = (of: (vm: VirtualMachine) => unknown) =>
      new Set(all.map((vm) => JSON.stringify(of(vm)))).size;
    expect(distinct(({ metadata }) => metadata.name)).toBeGreaterThan(COUNT * 0.98);
    expect(distinct(({ metadata }) => metadata.namespace)).toBeGreaterThan(25);
    expect(distinct(({ metadata }) => metadata.labels)).toBeGreaterThan(COUNT * 0.9);
    expect(distinct(({ metadata }) => metadata.creationTimestamp)).toBeGreaterThan(COUNT * 0.98);
    expect(
      distinct(({ spec }) => spec.template.spec.volumes?.map((volume) => Object.keys(volume))),
    ).toBeGreaterThan(4);
    const ages = all.map(({ metadata }) => (NOW - Date.parse(metadata.creationTimestamp)) / 86_400_000);
    expect(Math.max(...ages)).toBeGreaterThan(250);
    expect(Math.max(...ages)).toBeLessThanOrEqual(366);
    expect(all.every(({ metadata }) => (metadata.managedFields?.length ?? 0) >= 3)).toBe(true);
  });

  it.each(['virtualmachines', 'virtualmachineinstances'] as const)('are admitted: %s', (resource) => {
    const admission = createAdmission(cluster, cluster.registry);
    for (const stored of cluster.list(KINDS[resource])) {
      const object: KubeObject = structuredClone(stored);
      const { namespace = '' } = object.metadata;
      const user = {
        username: 'system:serviceaccount:kubevirt:kubevirt-controller',
        groups: ['system:masters'],
      };
      const call = { resource, group: 'kubevirt.io', operation: 'CREATE', namespace, object, user } as const;
      admission.mutateAndValidate({ ...call, fieldValidation: 'Strict', dryRun: false });
      expect(object.spec, stored.metadata.name).toEqual(stored.spec);
    }
  });

  it('belong together: VM, instance and launcher', () => {
    const running = vms().filter(({ status }) => status?.printableStatus === 'Running');
    expect(running.length).toBeGreaterThan(COUNT * 0.65);
    for (const vm of running) {
      const { namespace = '', name, uid } = vm.metadata;
      const vmi = cluster.get<VirtualMachineInstance>(KINDS.virtualmachineinstances, namespace, name);
      expect(vmi?.metadata.ownerReferences?.[0]?.uid).toBe(uid);
      expect(vmi?.status?.phaseTransitionTimestamps?.map(({ phase }) => phase)).toEqual([
        ...['Pending', 'Scheduling', 'Scheduled', 'Running'],
      ]);
      const [podUid = ''] = Object.keys(vmi?.status?.activePods ?? {});
      const address = cluster.state.addressOf(podUid);
      const pod = address && (cluster.state.get(address.resource, address.key) as Pod | undefined);
      expect(pod?.status?.podIP).toBe(vmi?.status?.interfaces?.[0]?.ipAddress);
      expect(pod?.spec.nodeName).toBe(vmi?.status?.nodeName);
      expect(
        cluster.get('controllerrevisions.apps', namespace, vmi?.status?.virtualMachineRevisionName ?? ''),
      ).toBeDefined();
    }
  });

  it('keep what they have in common once', () => {
    const [first, second] = cluster
      .list<Pod>('pods')
      .filter(({ metadata }) => metadata.name.startsWith('virt-launcher-'));
    expect(first?.spec.tolerations).toBe(second?.spec.tolerations);
    expect(first?.spec.tolerations).toBeDefined();
  });
});
