import { describe, expect, it } from 'vitest';
import {
  differingLines,
  editedObject,
  followObject,
  isChanged,
  keepEditing,
  openObject,
  settleConflict,
  takeTheirs,
  typeText,
} from './object-edit';

const vm = (cores: number, strategy: string, version: string, status = 'Running') => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'a', resourceVersion: version },
  spec: { runStrategy: strategy, cores },
  status: { printableStatus: status },
});
const opened = openObject(vm(1, 'Always', '1'));
const changed = typeText(opened, opened.text.replace('cores: 1', 'cores: 2 # more'));

describe('the YAML of an object', () => {
  it('shows the newest while nobody edits', () => {
    const next = followObject(opened, vm(4, 'Always', '2'));
    expect(next.text).toContain('cores: 4');
    expect(isChanged(next)).toBe(false);
  });

  it('takes in changes elsewhere and keeps the edit and its comment', () => {
    const next = followObject(changed, vm(1, 'Halted', '2', 'Stopped'));
    expect(next.text).toContain('runStrategy: Halted');
    expect(next.text).toContain('printableStatus: Stopped');
    expect(next.text).toContain('cores: 2 # more');
    expect(next.ahead).toBeUndefined();
    expect(next.mergedLines).toBeGreaterThan(0);
    expect(isChanged(next)).toBe(true);
  });

  it('puts entries of lists together by their names', () => {
    const machine = (version: string, ...disks: object[]) => ({ ...vm(1, 'Always', version), disks });
    const root = { name: 'root', bus: 'virtio' };
    const from = openObject(machine('1', root, { name: 'data' }));
    const mine = typeText(from, from.text.replace('bus: virtio', 'bus: sata # slower'));
    const next = followObject(mine, machine('2', { ...root, serial: 'x' }, { name: 'cd' }));
    expect(next.ahead).toBeUndefined();
    expect(next.text).toContain('- name: root\n  bus: sata # slower\n  serial: x\n- name: cd\n');
    const clash = followObject(mine, machine('2', { ...root, bus: 'scsi' }));
    expect(clash.ahead?.conflicts).toEqual([['disks', { name: 'root' }, 'bus']]);
  });

  it('does not speak of changes of status alone', () => {
    const next = followObject(changed, vm(1, 'Always', '2', 'Paused'));
    expect(next.text).toContain('Paused');
    expect(next.mergedLines).toBe(0);
  });

  it('leaves the text alone where both changed the same field', () => {
    const next = followObject(changed, vm(4, 'Halted', '2'));
    expect(next.text).toBe(changed.text);
    expect(next.ahead?.conflicts).toEqual([['spec', 'cores']]);
    expect(takeTheirs(next).text).toContain('cores: 4');
  });

  it('stays quiet after "keep editing" until another field is touched', () => {
    const kept = keepEditing(followObject(changed, vm(4, 'Always', '2')));
    expect(kept.ahead?.isAccepted).toBe(true);
    expect(followObject(kept, vm(5, 'Always', '3')).ahead?.isAccepted).toBe(true);
  });

  it('lets a person settle a conflict', () => {
    const behind = followObject(changed, vm(4, 'Halted', '2'));
    const settled = settleConflict(behind, behind.text.replace('cores: 2', 'cores: 3'));
    expect(settled.opened).toEqual(vm(4, 'Halted', '2'));
    expect(settled.ahead).toBeUndefined();
  });

  it('waits while the text cannot be read and goes on when it can', () => {
    const broken = typeText(changed, `${changed.text}\n  - [`);
    const waiting = followObject(broken, vm(1, 'Halted', '2'));
    expect(waiting.text).toBe(broken.text);
    expect(waiting.ahead?.conflicts).toEqual([]);
    const mended = typeText(waiting, changed.text);
    expect(mended.ahead).toBeUndefined();
    expect(mended.text).toContain('runStrategy: Halted');
  });

  it('is one object, not two and not half of one', () => {
    expect(editedObject(opened.text)).toBeDefined();
    expect(editedObject(`${opened.text}---\n${opened.text}`)).toBeUndefined();
    expect(editedObject('a: [')).toBeUndefined();
  });
});

describe('differingLines', () => {
  it.each([
    ['a\nb', 'a\nb', 0],
    ['a\nb', 'a\nc', 1],
    ['a', 'a\nb\nc', 2],
    ['a\na', 'a', 1],
  ])('%j and %j', (a, b, count) => {
    expect(differingLines(a, b)).toBe(count);
  });
});
