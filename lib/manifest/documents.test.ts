import { describe, expect, it } from 'vitest';
import { valueAt, withValueAt } from '@/lib/k8s/json';
import { readDocuments, rewriteDocuments, rewriteObject } from './documents';
import type { ManifestObject } from './manifest';
import { writeManifest } from './write';

const VM = `# My machine
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: web # its name
  labels: {app: "web", 'tier': front}
spec:
  runStrategy: Always
  # What it is made of
  template:
    spec:
      domain:
        devices:
          disks:
          # The first
          - name: root # boots
            disk:
              bus: virtio
          # The second
          - disk: {bus: sata}
            name: 'data'
          interfaces: []
          rng: {}
      volumes:
        - name: root
          containerDisk:
            image: "quay.io/a/b:1" # pinned
        - name: cloudinit
          cloudInitNoCloud:
            userData: | # for cloud-init
              #cloud-config
              user: fedora

              ssh_pwauth: true
# the end
`;

const GUEST = ['spec', 'template', 'spec'] as const;

/** Rewrites the first object with another value at a path; undefined removes it. */
function changed(text: string, path: readonly (string | number)[], value: unknown): string {
  const [first = {}, ...rest] = readDocuments(text)?.objects ?? [];
  return rewriteDocuments(text, [withAt(first, path, value), ...rest]) ?? 'unreadable';
}

function withAt(root: ManifestObject, path: readonly (string | number)[], value: unknown): ManifestObject {
  return withValueAt(root, path, value);
}

/** The lines of `b` that are not in `a`, with a plus, and the other way round with a minus. */
function difference(a: string, b: string): string[] {
  const left = a.split('\n');
  const right = b.split('\n');
  return [
    ...left.filter((line) => !right.includes(line)).map((line) => `-${line}`),
    ...right.filter((line) => !left.includes(line)).map((line) => `+${line}`),
  ];
}

describe('rewriteDocuments', () => {
  it('gives the text itself when nothing differs', () => {
    expect(rewriteDocuments(VM, readDocuments(VM)?.objects ?? [])).toBe(VM);
  });

  it('changes a value in its line, in its quotes and before its comment', () => {
    expect(difference(VM, changed(VM, [...GUEST, 'volumes', 0, 'containerDisk', 'image'], 'c:2'))).toEqual([
      '-            image: "quay.io/a/b:1" # pinned',
      '+            image: "c:2" # pinned',
    ]);
    expect(difference(VM, changed(VM, ['metadata', 'labels', 'tier'], 'back'))).toEqual([
      `-  labels: {app: "web", 'tier': front}`,
      `+  labels: {app: "web", 'tier': back}`,
    ]);
  });

  it('adds an entry to a list, in braces or in lines, and takes it out again', () => {
    const disks = readDocuments(VM)?.objects[0];
    const list = valueAt(disks, [...GUEST, 'domain', 'devices', 'disks']) as unknown[];
    const path = [...GUEST, 'domain', 'devices', 'disks'];
    const more = changed(VM, path, [...list.slice(0, 1), { name: 'new', lun: {} }, ...list.slice(1)]);
    expect(difference(VM, more)).toEqual(['+          - name: new', '+            lun: {}']);
    expect(changed(more, path, list)).toBe(VM);
    const labelled = changed(VM, ['metadata', 'labels', 'os'], 'linux');
    expect(labelled).toContain(`{app: "web", 'tier': front, os: linux}`);
    expect(changed(labelled, ['metadata', 'labels', 'os'], undefined)).toBe(VM);
  });

  it('removes an entry and keeps the comments around it', () => {
    const [root] = valueAt(readDocuments(VM)?.objects[0], [
      ...GUEST,
      'domain',
      'devices',
      'disks',
    ]) as unknown[];
    const fewer = changed(VM, [...GUEST, 'domain', 'devices', 'disks'], [root]);
    expect(difference(VM, fewer)).toEqual(['-          - disk: {bus: sata}', "-            name: 'data'"]);
  });

  it('moves entries with their comments', () => {
    const path = [...GUEST, 'domain', 'devices', 'disks'];
    const list = valueAt(readDocuments(VM)?.objects[0], path) as unknown[];
    const moved = changed(VM, path, [...list].reverse());
    expect(difference(VM, moved)).toEqual([]);
    expect(moved.indexOf('# The second')).toBeLessThan(moved.indexOf('# The first'));
    expect(changed(moved, path, list)).toBe(VM);
  });

  it('keeps a block of text a block, with its indentation and the comment on its head', () => {
    const path = [...GUEST, 'volumes', 1, 'cloudInitNoCloud', 'userData'];
    const text = '#cloud-config\nuser: core\n\nssh_pwauth: true\n';
    expect(difference(VM, changed(VM, path, text))).toEqual([
      '-              user: fedora',
      '+              user: core',
    ]);
    const bare = changed(VM, path, 'no break');
    expect(bare).toContain('userData: |- # for cloud-init\n              no break\n');
  });

  it('fills what was empty and empties it again', () => {
    const path = [...GUEST, 'domain', 'devices', 'interfaces'];
    const filled = changed(VM, path, [{ name: 'default', masquerade: {} }]);
    expect(difference(VM, filled)).toEqual([
      '-          interfaces: []',
      '+          interfaces:',
      '+            - name: default',
      '+              masquerade: {}',
    ]);
    expect(changed(filled, path, [])).toBe(VM);
  });

  it('puts a new key where the object has it', () => {
    const vm = { kind: 'A', metadata: { name: 'a', uid: 'u' }, spec: {} };
    const labelled = { ...vm, metadata: { name: 'a', labels: { a: 'b' }, uid: 'u' } };
    expect(rewriteObject(writeManifest(vm), labelled)).toBe(writeManifest(labelled));
  });

  it('resolves an alias whose anchor changes, and one that changes itself', () => {
    const text = 'kind: A\nbase: &b {x: 1} # anchor\none: *b\ntwo: *b # alias\n';
    expect(changed(text, ['base', 'x'], 2)).toBe(
      'kind: A\nbase: &b {x: 2} # anchor\none:\n  x: 1\ntwo: # alias\n  x: 1\n',
    );
    expect(changed(text, ['two', 'x'], 3)).toBe(
      'kind: A\nbase: &b {x: 1} # anchor\none: *b\ntwo: # alias\n  x: 3\n',
    );
    const merging = 'kind: A\nbase: &b\n  x: 1\none:\n  <<: *b # merged\n  y: 2\n';
    expect(changed(merging, ['one', 'x'], 5)).toBe(
      'kind: A\nbase: &b\n  x: 1\none:\n  <<: *b # merged\n  x: 5\n  y: 2\n',
    );
    expect(readDocuments(changed(merging, ['one', 'x'], undefined))?.objects[0]).toEqual({
      kind: 'A',
      base: { x: 1 },
      one: { y: 2 },
    });
  });

  it('knows documents by kind and name, adds and removes them at their place', () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n# after\n';
    const text = `# first\n---\n${secret}---\n${VM}`;
    const [first = {}, vm = {}] = readDocuments(text)?.objects ?? [];
    expect(rewriteDocuments(text, [vm, first])).toBe(text);
    expect(rewriteDocuments(text, [first])).toBe(`# first\n---\n${secret}`);
    expect(rewriteDocuments(text, [vm])).toBe(VM);
    const added = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
    const more = rewriteDocuments(text, [first, vm, added]) ?? '';
    expect(more).toBe(`${text}---\n${writeManifest(added)}`);
    expect(rewriteDocuments(more, [first, vm])).toBe(text);
    expect(rewriteDocuments('# nothing yet\n', [added])).toBe(`# nothing yet\n${writeManifest(added)}`);
  });

  it('changes the items of a List, and JSON stays JSON', () => {
    const text = 'kind: List\nitems:\n- kind: A # a\n  x: 1\n- kind: B # b\n';
    expect(changed(text, ['x'], 2)).toBe(text.replace('x: 1', 'x: 2'));
    expect(rewriteDocuments(text, (readDocuments(text)?.objects ?? []).slice(1))).toBe(
      'kind: List\nitems:\n- kind: B # b\n',
    );
    const json = '{\n  "kind": "A",\n  "spec": {"x": "y"}\n}\n';
    expect(changed(changed(json, ['spec', 'z'], [1, 'b']), ['kind'], 'B')).toBe(
      '{\n  "kind": "B",\n  "spec": {"x": "y", "z": [1,"b"]}\n}\n',
    );
  });

  it('reads half-finished objects and gives up on what cannot be read', () => {
    expect(readDocuments('kind: VirtualMachine\n')?.objects).toEqual([{ kind: 'VirtualMachine' }]);
    expect(readDocuments('')?.objects).toEqual([]);
    expect(readDocuments('a: [')).toBeUndefined();
    expect(rewriteDocuments('a: [', [{ b: 1 }])).toBeUndefined();
    expect(rewriteObject('- a', { b: 1 })).toBeUndefined();
  });
});
