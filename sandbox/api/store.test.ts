import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeObject, NewObject, WatchEvent } from './objects';
import { createCluster } from './store';

const open = () => createCluster({ directory: undefined });
const vm = (name: string, more: Partial<NewObject> & { metadata?: object } = {}): NewObject => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  spec: { runStrategy: 'Halted' },
  ...more,
  metadata: { name, namespace: 'default', ...more.metadata },
});
const VMS = 'virtualmachines.kubevirt.io';
const VMIS = 'virtualmachineinstances.kubevirt.io';
const ownedBy = (owner: KubeObject, blockOwnerDeletion = true) => ({
  ownerReferences: [
    {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid,
      controller: true,
      blockOwnerDeletion,
    },
  ],
});
const vmi = (name: string, owner: KubeObject, more: object = {}): NewObject => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name, namespace: 'default', ...ownedBy(owner), ...more },
});
const pod = (name: string, owner: KubeObject, nodeName?: string): NewObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...ownedBy(owner) },
  spec: { containers: [], ...(nodeName ? { nodeName } : {}) },
});

describe('writes', () => {
  it('gives an object its identity', () => {
    const cluster = open();
    const made = cluster.create(VMS, vm('a'));
    expect(made.metadata).toMatchObject({ name: 'a', namespace: 'default', generation: 1 });
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Number(made.metadata.resourceVersion)).toBe(cluster.revision);
  });

  it('refuses a taken name, a missing namespace and a nameless object', () => {
    const cluster = open();
    cluster.create(VMS, vm('a'));
    expect(() => cluster.create(VMS, vm('a'))).toThrow('virtualmachines.kubevirt.io "a" already exists');
    expect(() => cluster.create(VMS, vm('a', { metadata: { namespace: 'nowhere' } }))).toThrow(
      'namespaces "nowhere" not found',
    );
    expect(() => cluster.create(VMS, vm('', {}))).toThrow('name or generateName is required');
  });

  it('makes names from generateName', () => {
    const made = open().create(VMS, vm('', { metadata: { name: undefined, generateName: 'x'.repeat(70) } }));
    expect(made.metadata.name).toMatch(/^x{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('does not bump versions when nothing changes', () => {
    const cluster = open();
    const made = cluster.create(VMS, vm('a'));
    const same = cluster.update(VMS, 'default', 'a', (draft) => {
      draft.spec = { runStrategy: 'Halted' };
    });
    expect(same?.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  it('counts generations by spec, and by any field where there is no status subresource', () => {
    const cluster = open();
    const owner = cluster.create(VMS, vm('a'));
    const status = cluster.update(VMS, 'default', 'a', (draft) => {
      draft.status = { ready: true };
    });
    expect(status?.metadata.generation).toBe(1);
    const spec = cluster.update(VMS, 'default', 'a', (draft) => {
      draft.spec = { runStrategy: 'Always' };
    });
    expect(spec?.metadata.generation).toBe(2);
    cluster.create(VMIS, vmi('a', owner));
    const instance = cluster.update(VMIS, 'default', 'a', (draft) => {
      draft.status = { phase: 'Running' };
    });
    expect(instance?.metadata.generation).toBe(2);
  });

  it('hands out objects that cannot be edited by accident', () => {
    const made = open().create<KubeObject & { spec: { runStrategy: string } }>(VMS, vm('a'));
    expect(() => {
      made.spec.runStrategy = 'Always';
    }).toThrow(TypeError);
  });
});

describe('deletion', () => {
  it('waits for finalizers', () => {
    const cluster = open();
    cluster.create(VMS, vm('a', { metadata: { finalizers: ['example.com/hold'] } }));
    expect(cluster.remove(VMS, 'default', 'a').gone).toBe(false);
    expect(cluster.get(VMS, 'default', 'a')?.metadata).toMatchObject({
      deletionGracePeriodSeconds: 0,
      generation: 2,
    });
    cluster.update(VMS, 'default', 'a', (draft) => {
      draft.metadata.finalizers = [];
    });
    expect(cluster.get(VMS, 'default', 'a')).toBeUndefined();
  });

  it('checks preconditions', () => {
    const cluster = open();
    const { uid } = cluster.create(VMS, vm('a')).metadata;
    expect(() => cluster.remove(VMS, 'default', 'a', { preconditions: { uid: 'other' } })).toThrow(
      `Precondition failed: UID in precondition: other, UID in object meta: ${uid}`,
    );
  });

  it('takes dependents along, however deep', () => {
    const cluster = open();
    const owner = cluster.create(VMS, vm('a'));
    cluster.create('pods', pod('p', cluster.create(VMIS, vmi('a', owner))));
    cluster.delete(VMS, 'default', 'a');
    expect(cluster.list(VMIS)).toEqual([]);
    expect(cluster.list('pods')).toEqual([]);
  });

  it('keeps a dependent that has another owner, without the dead reference', () => {
    const cluster = open();
    const first = cluster.create(VMS, vm('a'));
    const second = cluster.create(VMS, vm('b'));
    const references = [...ownedBy(first).ownerReferences, ...ownedBy(second).ownerReferences];
    cluster.create(VMIS, vmi('i', first, { ownerReferences: references }));
    cluster.delete(VMS, 'default', 'a');
    const owners = cluster.get(VMIS, 'default', 'i')?.metadata.ownerReferences;
    expect(owners?.map(({ name }) => name)).toEqual(['b']);
  });

  it('orphans when asked to', () => {
    const cluster = open();
    const owner = cluster.create(VMS, vm('a'));
    cluster.create(VMIS, vmi('a', owner));
    cluster.delete(VMS, 'default', 'a', { propagationPolicy: 'Orphan' });
    expect(cluster.get(VMS, 'default', 'a')).toBeUndefined();
    expect(cluster.get(VMIS, 'default', 'a')?.metadata.ownerReferences).toBeUndefined();
  });

  it('lets the owner wait in the foreground for what blocks it', () => {
    const cluster = open();
    const owner = cluster.create(VMS, vm('a'));
    cluster.create(VMIS, vmi('a', owner, { finalizers: ['example.com/hold'] }));
    cluster.delete(VMS, 'default', 'a', { propagationPolicy: 'Foreground' });
    expect(cluster.get(VMS, 'default', 'a')?.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(cluster.get(VMIS, 'default', 'a')?.metadata.deletionTimestamp).toBeDefined();
    cluster.update(VMIS, 'default', 'a', (draft) => {
      delete draft.metadata.finalizers;
    });
    expect(cluster.get(VMS, 'default', 'a')).toBeUndefined();
  });

  it('gives a scheduled pod its grace until the kubelet confirms', () => {
    const cluster = open();
    const owner = cluster.create(VMS, vm('a'));
    cluster.create('pods', pod('p', owner, 'node01'));
    cluster.delete(VMS, 'default', 'a');
    expect(cluster.get('pods', 'default', 'p')?.metadata.deletionGracePeriodSeconds).toBe(30);
    cluster.delete('pods', 'default', 'p', { gracePeriodSeconds: 0 });
    expect(cluster.get('pods', 'default', 'p')).toBeUndefined();
  });

  it('deletes a pod whatever its grace', () => {
    const cluster = open();
    const { metadata } = cluster.create(VMS, vm('a'));
    for (const [name, terminationGracePeriodSeconds] of Object.entries({ long: 1e18, longest: 2 ** 63 })) {
      const made = pod(name, { metadata } as KubeObject, 'node01');
      cluster.create('pods', { ...made, spec: { nodeName: 'node01', terminationGracePeriodSeconds } });
      cluster.delete('pods', 'default', name);
      expect(cluster.get('pods', 'default', name)?.metadata).toMatchObject({
        deletionGracePeriodSeconds: terminationGracePeriodSeconds,
        deletionTimestamp: expect.stringMatching(/^\d{4}-/),
      });
    }
  });

  it('empties a namespace before it goes, and lets nothing new in meanwhile', () => {
    const cluster = open();
    cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'dev' } });
    cluster.create(VMS, vm('free', { metadata: { namespace: 'dev' } }));
    cluster.create(VMS, vm('held', { metadata: { namespace: 'dev', finalizers: ['example.com/hold'] } }));
    cluster.delete('namespaces', undefined, 'dev');
    expect(cluster.list(VMS, 'dev').map(({ metadata }) => metadata.name)).toEqual(['held']);
    expect(cluster.get('namespaces', undefined, 'dev')?.status).toMatchObject({
      phase: 'Terminating',
      conditions: [
        { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered' },
        { type: 'NamespaceDeletionGroupVersionParsingFailure', status: 'False' },
        { type: 'NamespaceDeletionContentFailure', status: 'False', reason: 'ContentDeleted' },
        {
          type: 'NamespaceContentRemaining',
          status: 'True',
          message: expect.stringMatching(/^Some resources are remaining: .* has 1 resource instances$/),
        },
        { type: 'NamespaceFinalizersRemaining', reason: 'SomeFinalizersRemain' },
      ],
    });
    expect(() => cluster.create(VMS, vm('new', { metadata: { namespace: 'dev' } }))).toThrow(
      'virtualmachines.kubevirt.io "new" is forbidden: unable to create new content in namespace dev because it is being terminated',
    );
    cluster.update(VMS, 'dev', 'held', (draft) => {
      draft.metadata.finalizers = [];
    });
    expect(cluster.get('namespaces', undefined, 'dev')).toBeUndefined();
  });
});

describe('watching', () => {
  it('starts with what exists and tells every change in order, also those made by listeners', () => {
    const cluster = open();
    cluster.create(VMS, vm('a'));
    const seen: string[] = [];
    const tell = (event: WatchEvent) => seen.push(`${event.type} ${event.object.metadata.name}`);
    cluster.watch(VMS, (event) => {
      if (event.type === 'ADDED' && event.object.metadata.name === 'b') cluster.delete(VMS, 'default', 'a');
    });
    const stop = cluster.watch(VMS, tell);
    cluster.create(VMS, vm('b'));
    stop();
    cluster.create(VMS, vm('c'));
    expect(seen).toEqual(['ADDED a', 'ADDED b', 'DELETED a']);
  });

  it('rebuilds an older list from history, until history is gone', () => {
    const cluster = createCluster({ directory: undefined, historyLimit: 4 });
    cluster.create(VMS, vm('a'));
    cluster.create(VMS, vm('b'));
    const then = cluster.revision;
    cluster.delete(VMS, 'default', 'a');
    cluster.create(VMS, vm('c'));
    const names = cluster.state.listAt(VMS, undefined, then)?.map(({ metadata }) => metadata.name);
    expect(names).toEqual(['a', 'b']);
    for (let index = 0; index < 6; index += 1) cluster.create(VMS, vm(`x${index}`));
    expect(cluster.state.listAt(VMS, undefined, then)).toBeUndefined();
    expect(cluster.state.changesSince(VMS, then)).toBeUndefined();
  });
});

describe('events', () => {
  it('counts what repeats', () => {
    const cluster = open();
    const made = cluster.create(VMS, vm('a'));
    const details = {
      type: 'Normal',
      reason: 'Started',
      message: 'up',
      component: 'virt-handler',
      host: 'n1',
    } as const;
    cluster.event(made, details);
    cluster.event(made, details);
    expect(cluster.list('events')).toMatchObject([
      { count: 2, reason: 'Started', involvedObject: { name: 'a', uid: made.metadata.uid } },
    ]);
  });

  it('makes a series of what the scheduler repeats, as events.k8s.io has it', () => {
    const cluster = open();
    const made = cluster.create(VMS, vm('a'));
    const details = {
      type: 'Warning',
      reason: 'FailedScheduling',
      message: 'full',
      component: 'default-scheduler',
    } as const;
    for (let times = 0; times < 3; times += 1) cluster.event(made, details);
    const [event] = cluster.list('events');
    expect(event).toMatchObject({
      action: 'Scheduling',
      firstTimestamp: null,
      source: {},
      reportingComponent: 'default-scheduler',
      series: { count: 3, lastObservedTime: expect.stringMatching(/\.\d{6}Z$/) },
    });
    expect(event).not.toHaveProperty('count');
  });
});

describe('the journal', () => {
  const directories: string[] = [];
  const directory = () => {
    const made = mkdtempSync(path.join(tmpdir(), 'journal-'));
    directories.push(made);
    return made;
  };
  afterEach(() => {
    for (const made of directories.splice(0)) rmSync(made, { recursive: true });
  });

  it('brings everything back, without a farewell', () => {
    const place = directory();
    const before = createCluster({ directory: place });
    before.create(VMS, vm('a'));
    const from = before.revision;
    before.create(VMS, vm('b'));
    before.delete(VMS, 'default', 'a');
    const after = createCluster({ directory: place });
    expect(after.list(VMS)).toEqual(before.list(VMS));
    expect(after.revision).toBe(before.revision);
    expect(after.state.changesSince(VMS, from)?.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
  });

  it('cuts off a torn last line and goes on', () => {
    const place = directory();
    createCluster({ directory: place }).create(VMS, vm('a'));
    appendFileSync(path.join(place, 'journal.jsonl'), '{"v":99,"resource":"virtual');
    createCluster({ directory: place }).create(VMS, vm('b'));
    const names = createCluster({ directory: place }).list(VMS);
    expect(names.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });

  it('refuses to guess when the middle is damaged', () => {
    const place = directory();
    createCluster({ directory: place }).create(VMS, vm('a'));
    const file = path.join(place, 'journal.jsonl');
    const lines = readFileSync(file, 'utf8').split('\n');
    lines[1] = '{"v":';
    writeFileSync(file, lines.join('\n'));
    expect(() => createCluster({ directory: place })).toThrow('is damaged at line 2');
  });

  it('is compacted to what lives', () => {
    const place = directory();
    const cluster = createCluster({ directory: place });
    for (let index = 0; index < 50; index += 1) {
      cluster.create(VMS, vm('a'));
      cluster.delete(VMS, 'default', 'a');
    }
    cluster.create(VMS, vm('kept'));
    cluster.compact();
    cluster.create(VMS, vm('later'));
    const after = createCluster({ directory: place });
    expect(after.list(VMS).map(({ metadata }) => metadata.name)).toEqual(['kept', 'later']);
    expect(after.revision).toBe(cluster.revision);
    expect(readFileSync(path.join(place, 'journal.jsonl'), 'utf8').split('\n').length).toBeLessThan(12);
  });
});
