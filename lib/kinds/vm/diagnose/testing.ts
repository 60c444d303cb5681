import { valueAt } from '@/lib/k8s/json';
import type { K8sObject } from '@/lib/k8s/object';
import { type Diagnosis, diagnose } from './diagnose';
import { evidenceOf } from './evidence';
import type { CauseId } from './finding';
import { gather } from './gather';
import type { Look, Read } from './plan';

export const NOW = Date.parse('2026-11-23T12:00:00Z');
export const HOME = 'shop';
const UID = 'uid-of-vmi';

/** A time so many seconds before the diagnosis. */
export const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

type Loose = Record<string, unknown>;
export type TestObject = K8sObject & Loose;

/** An object of the API; names are unique by kind and namespace. */
export function made(kind: string, name: string, more: Loose = {}, metadata: Loose = {}): TestObject {
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      name,
      namespace: HOME,
      uid: `${kind}-${name}`,
      resourceVersion: '1',
      creationTimestamp: ago(120),
      ...metadata,
    },
    ...more,
  };
}

const DEVICES = { disks: [{ name: 'root', disk: {} }], interfaces: [{ name: 'default', masquerade: {} }] };
export const IMAGE = { name: 'root', containerDisk: { image: 'quay.io/disks/fedora:42' } };

/** A VM `web` with one disk. */
export function testVm(
  spec: Loose = {},
  status: Loose = {},
  guest: Loose = {},
  metadata: Loose = {},
): TestObject {
  const template = { spec: { domain: { devices: DEVICES }, volumes: [IMAGE], ...guest } };
  return made(
    'VirtualMachine',
    'web',
    {
      spec: { runStrategy: 'Always', template, ...spec },
      status: { printableStatus: 'Starting', ...status },
    },
    metadata,
  );
}

export function testVmi(phase: string, status: Loose = {}, guest: Loose = {}): TestObject {
  const order = ['Pending', 'Scheduling', 'Scheduled', 'Running'];
  const phases = order.slice(0, order.indexOf(phase) + 1);
  return made(
    'VirtualMachineInstance',
    'web',
    {
      spec: { domain: { devices: DEVICES }, volumes: [IMAGE], ...guest },
      status: {
        phase,
        phaseTransitionTimestamps: phases.map((each, index) => ({
          phase: each,
          phaseTransitionTimestamp: ago(100 - index * 5),
        })),
        ...status,
      },
    },
    { uid: UID },
  );
}

export function launcher(status: Loose = {}, spec: Loose = {}): TestObject {
  return made(
    'Pod',
    'virt-launcher-web-1',
    {
      spec: { nodeName: 'node-1', containers: [{ name: 'compute', resources: {} }], ...spec },
      status: { phase: 'Pending', ...status },
    },
    { labels: { 'kubevirt.io/created-by': UID } },
  );
}

export function event(
  about: string,
  reason: string,
  message: string,
  type = 'Warning',
  more: Loose = {},
): TestObject {
  return made('Event', `${about}.${reason}.${message.length}`, {
    ...{ involvedObject: { kind: 'Pod', name: about, namespace: HOME }, reason, message, type },
    ...{ lastTimestamp: ago(10), ...more },
  });
}

export function node(
  name: string,
  labels: Record<string, string> = {},
  spec: Loose = {},
  more: Loose = {},
): TestObject {
  const status = {
    allocatable: { cpu: '8', memory: '16Gi', ...(more.allocatable as Loose | undefined) },
    conditions: [{ type: 'Ready', status: 'True' }],
    ...(more.conditions ? { conditions: more.conditions } : {}),
  };
  return made(
    'Node',
    name,
    { spec, status },
    { namespace: undefined, labels: { 'kubernetes.io/hostname': name, ...labels } },
  );
}

export interface World {
  objects: TestObject[];
  /** Kinds that the user may not read. */
  denied?: string[];
  /** Kinds that the cluster does not have. */
  absent?: string[];
  /** What the guest printed; without it the log may not be read. */
  serial?: string;
}

/** Gathers and diagnoses `web` in a cluster of these objects, as the page does. */
export async function diagnosed(world: World): Promise<Diagnosis> {
  const target = { namespace: HOME, name: 'web' };
  const looks = await gather(target, async (read) => answer(world, read));
  const evidence = evidenceOf(target, looks, NOW);
  if (!evidence) throw new Error('The VM was not seen');
  return diagnose(evidence);
}

function answer({ objects, denied = [], absent = [], serial }: World, read: Read): Look {
  const { kind } = read.resource;
  if (absent.includes(kind))
    return { sight: 'absent', words: 'the server could not find the requested resource' };
  if (read.kind === 'log') {
    if (serial === undefined) return { sight: 'denied', words: 'pods/log is forbidden' };
    return { sight: 'seen', objects: [], text: serial };
  }
  if (denied.includes(kind)) return { sight: 'denied', words: `${read.resource.plural} is forbidden` };
  return { sight: 'seen', objects: objects.filter((object) => isMeant(object, read)) };
}

function isMeant(object: TestObject, read: Exclude<Read, { kind: 'log' }>): boolean {
  const { metadata } = object;
  if (object.kind !== read.resource.kind) return false;
  if (read.namespace && metadata.namespace !== read.namespace) return false;
  if (read.kind === 'metadata') return metadata.name === read.name;
  const pairs = (selector: string | undefined) =>
    selector ? selector.split(',').map((each) => each.split('=')) : [];
  return (
    pairs(read.labelSelector).every(([key = '', value]) => metadata.labels?.[key] === value) &&
    pairs(read.fieldSelector).every(([path = '', value]) => valueAt(object, path.split('.')) === value)
  );
}

export const POD = 'virt-launcher-web-1';
export const unscheduled = (message: string, spec: object = {}) => {
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  return [
    testVm(),
    testVmi('Scheduling', { conditions: [condition] }),
    launcher({ conditions: [condition] }, { nodeName: undefined, ...spec }),
  ];
};
export const none = (count: number, ...reasons: string[]) =>
  `0/${count} nodes are available: ${reasons.join(', ')}. no new claims to deallocate, preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`;
export const asking = (requests: object) => ({ containers: [{ name: 'compute', resources: { requests } }] });
export const placed = (status: object = {}, ...more: TestObject[]) => [
  testVm(),
  testVmi('Scheduling'),
  launcher(status as never),
  ...more,
];
export const waiting = (name: string, reason: string, message: string) => ({
  containerStatuses: [{ name, state: { waiting: { reason, message } } }],
});
export const CLAIM = { name: 'root', dataVolume: { name: 'web-root' } };
export const template = (source: object) => ({
  dataVolumeTemplates: [{ metadata: { name: 'web-root' }, spec: { source, storage: {} } }],
});
export const dv = (source: object, status: object, spec: object = {}) =>
  made('DataVolume', 'web-root', {
    spec: { source, storage: { resources: { requests: { storage: '10Gi' } } }, ...spec },
    status,
  });
export const pvc = (phase: string, spec: object = {}) =>
  made('PersistentVolumeClaim', 'web-root', { spec, status: { phase } });
export const onClaim = (...more: TestObject[]) => [
  testVm({}, { printableStatus: 'Provisioning' }, { volumes: [CLAIM] }),
  testVmi('Pending', {}, { volumes: [CLAIM] }),
  ...more,
];
export const failing = (message: string, reason = 'Error') => ({
  phase: 'ImportInProgress',
  conditions: [{ type: 'Running', status: 'False', reason, message }],
});
export const http = { http: { url: 'https://images.example.com/fedora.qcow2' } };
export const refused = (message: string) => [
  testVm(),
  testVmi('Pending', {
    conditions: [{ type: 'Synchronized', status: 'False', reason: 'FailedCreate', message }],
  }),
];
export const running = (status: object = {}, guest: object = {}, vm: object = {}) => [
  testVm({}, { printableStatus: 'Running', ...vm }, guest as never),
  testVmi('Running', { nodeName: 'node-1', ...status }, guest as never),
  launcher({ phase: 'Running' }, { containers: [{ name: 'compute' }, { name: 'guest-console-log' }] }),
  node('node-1'),
];
export const agent = {
  conditions: [{ type: 'AgentConnected', status: 'True', lastTransitionTime: ago(50) }],
};
export const seed = (userData: string) => ({
  volumes: [IMAGE, { name: 'seed', cloudInitNoCloud: { userData } }],
});

/** A name, the cause, the cluster, and what the sentence's values name. */
export type Case = [what: string, cause: CauseId, world: TestObject[] | World, ...named: (string | number)[]];

/** @throws an Error when another cause is found, or the sentence does not name what it should. */
export async function expectCause(
  cause: CauseId,
  world: TestObject[] | World,
  named: (string | number)[],
): Promise<void> {
  const { verdict } = await diagnosed(Array.isArray(world) ? { objects: world } : world);
  if (verdict.cause !== cause) throw new Error(`Found ${verdict.cause}, not ${cause}`);
  const values = Object.values(verdict.sentence.values ?? {}).map(String);
  for (const name of named.map(String)) {
    if (!values.some((value) => value.includes(name)))
      throw new Error(`${name} is not in ${values.join(' | ')}`);
  }
}
