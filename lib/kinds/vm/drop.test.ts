import { describe, expect, it } from 'vitest';
import { text } from '@/lib/text';
import { changeWords, dropChange, labelCall, moveIfStillThere, planDrop } from './drop';
import type { TreePlace } from './tree';

const vm = (name: string, namespace = 'dev', labels: Record<string, string> = {}) => ({
  name,
  namespace,
  uid: `uid-${name}`,
  labels,
});
const ref = { cluster: 'c', namespace: 'dev', name: 'a' };
const web: TreePlace = { kind: 'folder', namespace: 'dev', folder: 'web/blue' };
const nobody = () => undefined;

describe('what a place does to what is dropped on it', () => {
  it.each([
    [web, { 'portlight.io/folder': 'web.blue' }],
    [
      { kind: 'namespace', namespace: 'dev' },
      { 'portlight.io/folder': null, 'vm.openshift.io/folder': null },
    ],
    [{ kind: 'value', dimension: 'tag', value: 'gold' }, { 'tag.portlight.io/gold': '' }],
    [{ kind: 'value', dimension: 'label:tier', value: 'web' }, { tier: 'web' }],
    [{ kind: 'value', dimension: 'label:tier', value: '' }, { tier: null }],
    [{ kind: 'value', dimension: 'tag', value: '' }, undefined],
    [{ kind: 'value', dimension: 'node', value: 'worker-1' }, undefined],
  ] as [TreePlace, object | undefined][])('%j', (place, change) => expect(dropChange(place)).toEqual(change));
});

describe('which VMs a place takes', () => {
  it('those of its namespace that are not there yet, and says why not the others', () => {
    const lies = vm('b', 'dev', { 'portlight.io/folder': 'web.blue' });
    const openshift = vm('c', 'dev', { 'vm.openshift.io/folder': 'web.blue' });
    const plan = planDrop(web, [vm('a'), lies, openshift, vm('d', 'prod')], nobody);
    expect(plan.moving.map(({ name }) => name)).toEqual(['a']);
    expect(plan.left.map(({ vm, reason }) => [vm.name, reason.key])).toEqual([
      ['b', 'tree.drop.already'],
      ['c', 'tree.drop.already'],
      ['d', 'tree.drop.otherNamespace'],
    ]);
  });

  it('none that may not be changed', () => {
    const refusal = text('tree.drop.denied', { sentence: 'You may not' });
    const plan = planDrop(web, [vm('a')], (namespace) => (namespace === 'dev' ? refusal : undefined));
    expect(plan).toEqual({ moving: [], left: [{ vm: vm('a'), reason: refusal }] });
  });

  it('none on a node', () => {
    const plan = planDrop({ kind: 'value', dimension: 'node', value: 'x' }, [vm('a')], nobody);
    expect(plan.left[0]?.reason.key).toBe('tree.drop.notHere');
  });
});

describe('calls', () => {
  it('name the label that changes, and the VM that is meant', () => {
    expect(labelCall(ref, 'u', { tier: 'web' })).toEqual({
      method: 'PATCH',
      path: '/apis/kubevirt.io/v1/namespaces/dev/virtualmachines/a',
      contentType: 'application/merge-patch+json',
      body: { metadata: { uid: 'u', labels: { tier: 'web' } } },
    });
  });

  it('move a VM only from where it was seen', () => {
    const seen = vm('a', 'dev', { 'portlight.io/folder': 'old', keep: 'me' });
    expect(moveIfStillThere(ref, seen, 'new/x').body).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'uid-a' },
      { op: 'test', path: '/metadata/labels/portlight.io~1folder', value: 'old' },
      { op: 'add', path: '/metadata/labels/portlight.io~1folder', value: 'new.x' },
    ]);
  });

  it('take every label of a folder off that the VM has', () => {
    const seen = vm('a', 'dev', { 'vm.openshift.io/folder': 'old' });
    expect(moveIfStillThere(ref, seen, '').body).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'uid-a' },
      { op: 'test', path: '/metadata/labels/vm.openshift.io~1folder', value: 'old' },
      { op: 'remove', path: '/metadata/labels/vm.openshift.io~1folder' },
    ]);
  });
});

it('has words for each kind of change', () => {
  expect(changeWords('a', { 'portlight.io/folder': 'x.y' }).done).toEqual(
    text('tree.task.moved', { name: 'a', folder: 'x/y' }),
  );
  expect(changeWords('a', { 'portlight.io/folder': null }).done.key).toBe('tree.task.takenOut');
  expect(changeWords('a', { tier: 'x' }).doing.key).toBe('tree.task.changing');
});
