import { describe, expect, it } from 'vitest';
import type { Manifest } from './manifest';
import { type Reading, readManifests } from './read';
import { placeSaid, readRefusal, readWarnings } from './server-words';

const VM = `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: a
  labels:
    app.kubernetes.io/name: a
spec:
  running: true
  template:
    spec:
      domain:
        devices:
          disks:
          - name: root
            disk: {bus: virtio}
          - name: root
            bootOrder: 1
      volumes:
      - name: other
        cloudInitNoCloud:
          userData: |
            #cloud-config
`;
const content = `# two documents\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n---\n${VM}`;
const OFFSET = 6;
const reading = readManifests(content);
const vm = reading.manifests[1];
if (!vm) throw new Error('The second document is the VM');

const refusal = (message: string, ...fields: string[]) => ({
  message: `admission webhook "virtualmachine-validator.kubevirt.io" denied the request: ${message}`,
  causes: fields.map((field) => ({ reason: 'FieldValueInvalid', message, field })),
});
const placeRefusal = (where: Reading, manifest: Manifest, error: Parameters<typeof readRefusal>[1]) => {
  const { said, rest } = readRefusal(manifest, error);
  return { problems: placeSaid(where, manifest, said), rest };
};
const placeWarnings = (where: Reading, manifest: Manifest, warnings: string[]) =>
  placeSaid(where, manifest, readWarnings(manifest, warnings));
const linesOf = (message: string, ...fields: string[]) =>
  placeRefusal(reading, vm, refusal(message, ...fields)).problems.map(({ range }) => range.line - OFFSET);

describe('readRefusal', () => {
  it.each([
    ['a list item’s field', 'spec.template.spec.domain.devices.disks[1].name', 16],
    ['a field in Go’s capitals', 'spec.template.spec.domain.devices.disks[0].Name', 14],
    ['a list item', 'spec.template.spec.domain.devices.disks[0]', 14],
    ['a mapping', 'spec.template.spec.domain.devices', 12],
    ['a block of text, at its key', 'spec.template.spec.volumes[0].cloudInitNoCloud.userData', 21],
    ['a missing field, at its nearest parent', 'spec.template.spec.networks[0].name', 10],
    ['a missing list item', 'spec.template.spec.volumes[7].name', 18],
    ['a label with dots in its key', 'metadata.labels.app.kubernetes.io/name', 6],
    ['a label in brackets', 'metadata.labels[app.kubernetes.io/name]', 6],
    ['a field of a flow mapping', 'spec.template.spec.domain.devices.disks[0].disk.bus', 15],
    ['nothing that is there', 'data.foo', 1],
  ])('finds %s', (_title, field, line) => {
    expect(linesOf('wrong', field)).toEqual([line]);
  });

  it('places every cause of several', () => {
    expect(linesOf('wrong', 'spec.running', 'metadata.name')).toEqual([8, 4]);
  });

  it('finds the field in the words when no cause names it', () => {
    expect(linesOf('spec.template.spec.domain.cpu in body is required')).toEqual([11]);
  });

  it('hands back what names no field, without the webhook’s preamble', () => {
    expect(placeRefusal(reading, vm, refusal('the gate is closed'))).toEqual({
      problems: [],
      rest: ['the gate is closed'],
    });
  });

  it('marks exactly the value', () => {
    const [problem] = placeRefusal(
      reading,
      vm,
      refusal('x', 'spec.template.spec.domain.devices.disks[1].bootOrder'),
    ).problems;
    expect(problem && content.slice(problem.range.from, problem.range.to)).toBe('1');
  });

  it('finds lines inside the items of a List', () => {
    const list = readManifests(
      'kind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n  spec:\n    x: 1\n',
    );
    const [pod] = list.manifests;
    const placed = pod && placeRefusal(list, pod, refusal('wrong', 'spec.x'));
    expect(placed?.problems[0]?.range.line).toBe(9);
  });
});

describe('readWarnings', () => {
  it('shows a deprecation at its field and does not block', () => {
    const [problem] = placeWarnings(reading, vm, [
      'spec.running is deprecated, please use spec.runStrategy instead.',
    ]);
    expect(problem).toMatchObject({ severity: 'warning', document: 1, range: { line: 8 + OFFSET } });
  });

  it('shows one that names no field at the document’s first line', () => {
    expect(placeWarnings(reading, vm, ['be careful'])[0]?.range.line).toBe(1 + OFFSET);
  });
});

describe('placeSaid', () => {
  const { said } = readRefusal(vm, refusal('twice', 'spec.template.spec.domain.devices.disks[1].name'));
  const linesAfter = (from: string, to: string) => {
    const now = readManifests(content.replace(from, to));
    const [, manifest] = now.manifests;
    return manifest ? placeSaid(now, manifest, said).map(({ range }) => range.line - OFFSET) : undefined;
  };

  it('follows its field when lines are added above', () => {
    expect(linesAfter('spec:\n  running: true\n', 'spec:\n\n\n  running: true\n')).toEqual([18]);
  });

  it('is silent once what it spoke of has been changed', () => {
    expect(linesAfter('name: root\n            bootOrder', 'name: data\n            bootOrder')).toEqual([]);
  });
});
