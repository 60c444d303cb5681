import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type ObjectEdit,
  openObject,
  settleConflict,
  threeWayText,
  typeText,
} from '@/components/form/object-edit';
import { saveObject } from '@/components/form/save-object';
import { mappingsAt, valueAt } from '@/lib/k8s/json';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { TestSandbox } from '@/sandbox/testing';
import { smallVm, VMS } from '../manifests/vm';
import { callOf } from './sandbox-call';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await TestSandbox.start({ kubevirtOnly: true });
  await sandbox.createNamespace('shared');
});
afterAll(() => sandbox.close());

const GUEST = ['spec', 'template', 'spec'];

async function opened(name: string): Promise<ObjectEdit> {
  const { status } = await sandbox.createVm(smallVm('shared', name, { runStrategy: 'Halted' }), 'shared');
  expect(status).toBe(201);
  await sandbox.untilStatus('shared', name, 'Stopped');
  return openObject(await stored(name));
}

async function stored(name: string): Promise<ManifestObject> {
  return (await sandbox.vm('shared', name)).body;
}

/** Types over the text as it was opened, of which nobody else has heard yet. */
function typed(edit: ObjectEdit, ...replacements: [from: string, to: string][]): ObjectEdit {
  const text = replacements.reduce((before, [from, to]) => {
    expect(before).toContain(from);
    return before.replace(from, to);
  }, edit.text);
  return typeText(edit, text);
}

const save = (edit: ObjectEdit, name: string) =>
  saveObject(edit, {
    call: callOf(sandbox),
    cluster: 'c',
    path: `${VMS('shared')}/${name}`,
    view: (object) => object,
  });

it('two who add different disks and labels to one VM both keep them', async () => {
  const from = await opened('lists');
  const withDisk = (name: string, label: string) =>
    typed(
      from,
      ['interfaces:', `- name: ${name}\n            disk:\n              bus: sata\n          interfaces:`],
      ['volumes:', `volumes:\n      - name: ${name}\n        emptyDisk:\n          capacity: 1Gi`],
      ['kubevirt.io/domain: lists', `kubevirt.io/domain: lists\n        ${label}: mine`],
    );
  expect(await save(withDisk('one', 'first'), 'lists')).toMatchObject({ kind: 'saved' });
  expect(await save(withDisk('two', 'second'), 'lists')).toMatchObject({ kind: 'saved' });
  const vm = await stored('lists');
  const names = (...path: string[]) => mappingsAt(vm, [...GUEST, ...path]).map(({ name }) => name);
  expect(names('domain', 'devices', 'disks').sort()).toEqual(['cloudinit', 'one', 'root', 'two']);
  expect(names('volumes').sort()).toEqual(['cloudinit', 'one', 'root', 'two']);
  expect(valueAt(vm, ['spec', 'template', 'metadata', 'labels'])).toMatchObject({
    first: 'mine',
    second: 'mine',
  });
});

it('one who changes an entry does not undo what another did to the next', async () => {
  const from = await opened('entries');
  expect(await save(typed(from, ['fedora:latest', 'fedora:40']), 'entries')).toMatchObject({ kind: 'saved' });
  const other = typed(from, ['password: fedora', 'password: other']);
  expect(await save(other, 'entries')).toMatchObject({ kind: 'saved' });
  const volumes = JSON.stringify(valueAt(await stored('entries'), [...GUEST, 'volumes']));
  expect(volumes).toContain('fedora:40');
  expect(volumes).toContain('password: other');
});

it('two who change the same field see both sides, and the choice holds', async () => {
  const from = await opened('field');
  const mine = typed(from, ['guest: 256Mi', 'guest: 300Mi'], ['bus: virtio', 'bus: sata']);
  expect(await save(typed(from, ['guest: 256Mi', 'guest: 320Mi']), 'field')).toMatchObject({ kind: 'saved' });
  const outcome = await save(mine, 'field');
  const place = [...GUEST, 'domain', 'memory', 'guest'];
  expect(outcome).toMatchObject({ kind: 'conflict', edit: { ahead: { conflicts: [place] } } });
  expect(valueAt(await stored('field'), place)).toBe('320Mi');
  const settled = settleConflict(outcome.edit, threeWayText(outcome.edit));
  expect(await save(settled, 'field')).toMatchObject({ kind: 'saved' });
  expect(valueAt(await stored('field'), place)).toBe('300Mi');
});
