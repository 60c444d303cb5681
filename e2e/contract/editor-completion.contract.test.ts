import { describe, expect, it } from 'vitest';
import { complete } from '@/lib/manifest/schema/complete';
import { fieldAt } from '@/lib/manifest/schema/documentation';
import { Schemas } from '@/lib/manifest/schema/openapi';
import { outlineAt } from '@/lib/manifest/schema/read-outline';
import { Registry } from '../../sandbox/api/custom/registry';
import { RESOURCES } from '../../sandbox/api/resources';
import { createOpenApi } from '../../sandbox/api/schema/openapi';

const openApi = createOpenApi(new Registry(RESOURCES));
const documents = new Map<string, Schemas>();

function schemasOf(apiVersion: string): Schemas | undefined {
  const known = documents.get(apiVersion);
  if (known) return known;
  const path = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
  const text = openApi.document(path)?.text;
  const schemas = text === undefined ? undefined : new Schemas(JSON.parse(text));
  if (schemas) documents.set(apiVersion, schemas);
  return schemas;
}

const VM = 'apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata:\n  name: a\n';
const DOMAIN = `${VM}spec:\n  template:\n    spec:\n      domain:\n`;
const DEVICES = `${DOMAIN}        devices:\n`;
const TEMPLATE = `${VM}spec:\n  template:\n    spec:\n`;
const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n';

function labelsAt(marked: string): string[] {
  const cursor = marked.indexOf('|');
  const outline = outlineAt(marked.replace('|', ''), cursor);
  if (!outline?.place) return [];
  return complete(outline, outline.place, schemasOf).map(({ label }) => label);
}

/** The text after the one completion of this label. */
function completed(marked: string, label: string): string | undefined {
  const cursor = marked.indexOf('|');
  const text = marked.replace('|', '');
  const outline = outlineAt(text, cursor);
  const found =
    outline?.place && complete(outline, outline.place, schemasOf).find((each) => each.label === label);
  return found && text.slice(0, found.from) + found.insert + text.slice(found.to);
}

const OFFERED: [marked: string, some: string[], none: string[]][] = [
  [`${VM}|`, ['spec', 'status'], ['metadata', 'kind']],
  [`${VM}sp|`, ['spec'], ['metadata']],
  [
    'apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata:\n  |',
    ['name', 'namespace', 'labels', 'annotations'],
    [],
  ],
  [`${VM}spec:\n  |`, ['runStrategy', 'template', 'dataVolumeTemplates', 'instancetype'], []],
  [`${VM}spec:\n  runStrategy: Always\n  |`, ['template'], ['runStrategy']],
  [`${VM}spec:\n  |\n  runStrategy: Always`, ['template'], ['runStrategy']],
  [`${VM}spec:|`, ['template', 'runStrategy'], []],
  [`${VM}spec: |`, ['template', 'runStrategy'], []],
  [`${VM}spec: {|}`, ['template', 'runStrategy'], []],
  [`${VM}spec: {runStrategy: Always, |}`, ['template'], ['runStrategy']],
  [`${VM}spec:\n  running: |`, ['true', 'false'], []],
  [`${VM}spec:\n  running: t|`, ['true'], []],
  [`${VM}spec:\n  running:|`, ['true', 'false'], []],
  [`${VM}spec:\n  instancetype:\n    |`, ['name', 'kind', 'revisionName'], []],
  [`${VM}spec:\n  dataVolumeTemplates:\n  - |`, ['metadata', 'spec'], []],
  [`${VM}spec:\n  dataVolumeTemplates:\n  |`, ['- metadata', '- spec', 'template'], []],
  [`${VM}spec:\n  dataVolumeTemplates:\n  - spec:\n      |`, ['source', 'storage', 'pvc'], []],
  [
    `${VM}spec:\n  dataVolumeTemplates:\n  - spec:\n      source:\n        |`,
    ['http', 'registry', 'blank', 'pvc'],
    [],
  ],
  [`${VM}spec:\n  template:\n    |`, ['spec', 'metadata'], []],
  [`${VM}spec:\n  template:\n    metadata:\n      |`, ['labels', 'annotations'], []],
  [`${TEMPLATE}      |`, ['domain', 'networks', 'volumes', 'nodeSelector', 'tolerations'], []],
  [`${TEMPLATE}      tolerations:\n      - |`, ['key', 'operator', 'effect'], []],
  [`${TEMPLATE}      tolerations:\n      - key: a\n        |`, ['operator', 'effect'], ['key']],
  [`${TEMPLATE}      tolerations: |`, ['- key', '- operator'], []],
  [
    `${TEMPLATE}      volumes:\n      - name: a\n        |`,
    ['containerDisk', 'dataVolume', 'cloudInitNoCloud'],
    ['name'],
  ],
  [
    `${TEMPLATE}      volumes:\n      - containerDisk:\n          |`,
    ['image', 'path', 'imagePullPolicy'],
    [],
  ],
  [
    `${TEMPLATE}      networks:\n      - name: a\n        multus:\n          |`,
    ['networkName', 'default'],
    [],
  ],
  [`${TEMPLATE}      affinity:\n        |`, ['nodeAffinity', 'podAffinity', 'podAntiAffinity'], []],
  [
    `${TEMPLATE}      affinity:\n        nodeAffinity:\n          requiredDuringSchedulingIgnoredDuringExecution:\n            nodeSelectorTerms:\n            - |`,
    ['matchExpressions', 'matchFields'],
    [],
  ],
  [`${TEMPLATE}      readinessProbe:\n        |`, ['httpGet', 'tcpSocket', 'guestAgentPing'], []],
  [`${DOMAIN}        |`, ['cpu', 'memory', 'devices', 'firmware', 'features'], []],
  [`${DOMAIN}        cpu:\n          |`, ['cores', 'sockets', 'threads', 'model'], []],
  [`${DOMAIN}        cpu: {cores: 2, |}`, ['sockets'], ['cores']],
  [`${DOMAIN}        cpu:\n          dedicatedCpuPlacement: |`, ['true', 'false'], []],
  [`${DOMAIN}        memory:\n          |`, ['guest', 'hugepages', 'maxGuest'], []],
  [`${DOMAIN}        firmware:\n          bootloader:\n            |`, ['efi', 'bios'], []],
  [
    `${DOMAIN}        firmware:\n          bootloader:\n            efi:\n              secureBoot: |`,
    ['true', 'false'],
    [],
  ],
  [`${DEVICES}          |`, ['disks', 'interfaces', 'rng', 'tpm', 'watchdog', 'gpus'], []],
  [`${DEVICES}          disks:\n          - |`, ['name', 'disk', 'cdrom', 'lun', 'bootOrder'], []],
  [`${DEVICES}          disks:\n          - name: a\n            |`, ['disk', 'cdrom'], ['name']],
  [`${DEVICES}          disks:\n          - name: a\n          - |`, ['name', 'disk'], []],
  [`${DEVICES}          disks:\n          - name: a\n          |`, ['- name', 'interfaces'], ['disks']],
  [`${DEVICES}          disks:\n            - |`, ['name', 'disk'], []],
  [`${DEVICES}          disks:\n          - disk:\n              |`, ['bus', 'readonly'], []],
  [`${DEVICES}          disks:\n          - disk: {|}`, ['bus', 'readonly'], []],
  [`${DEVICES}          disks: [{|}]`, ['name', 'disk'], []],
  [`${DEVICES}          disks:\n          - cdrom: {bus: sata, |}`, ['readonly', 'tray'], ['bus']],
  [
    `${DEVICES}          interfaces:\n          - |`,
    ['name', 'masquerade', 'bridge', 'model', 'macAddress'],
    [],
  ],
  [
    `${DEVICES}          interfaces:\n          - name: a\n            ports:\n            - |`,
    ['port', 'protocol'],
    [],
  ],
  [`${DEVICES}          tpm:\n            persistent: |`, ['true', 'false'], []],
  [`${DEVICES}          disks:\n          - name: a # the |first`, [], ['name']],
  [`${TEMPLATE}      volumes:\n      - cloudInitNoCloud:\n          userData: "|"`, [], ['name']],
  [`${POD}  |`, ['containers', 'volumes', 'nodeName'], []],
  [`${POD}  containers:\n  - |`, ['name', 'image', 'env', 'ports'], []],
  [`${POD}  containers:\n  - env:\n    - valueFrom:\n        |`, ['secretKeyRef', 'configMapKeyRef'], []],
  [`${VM}---\n${POD}  |`, ['containers'], ['template']],
  [`${POD}  hostNetwork: true\n---\n${VM}spec:\n  |`, ['template'], ['containers']],
  [
    'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  |',
    ['data', 'binaryData', 'metadata', 'immutable'],
    ['kind'],
  ],
  ['{"apiVersion": "v1", "kind": "Secret", "|"}', ['type', 'stringData', 'data'], ['kind']],
  ['{\n  "apiVersion": "v1",\n  "kind": "Secret",\n  |\n}', ['type', 'stringData'], ['kind']],
  ['apiVersion: v1\nkind: Nothing\n|', [], ['spec']],
  [`${VM}spec:\n  template:\n    spec:\n      domain:\n        nonsense:\n          |`, [], ['cores']],
];

describe('completion over the whole API', () => {
  it.each(OFFERED)('%j', (marked, some, none) => {
    const labels = labelsAt(marked);
    expect(labels).toEqual(expect.arrayContaining(some));
    expect(labels.filter((label) => none.includes(label))).toEqual([]);
    if (some.length === 0) expect(labels).toEqual([]);
  });

  it('inserts a key in the shape of its value', () => {
    expect(completed(`${VM}spec:\n  |`, 'runStrategy')).toBe(`${VM}spec:\n  runStrategy: `);
    expect(completed(`${VM}spec:\n  |`, 'template')).toBe(`${VM}spec:\n  template:\n    `);
    expect(completed(`${VM}spec:\n  |`, 'dataVolumeTemplates')).toBe(
      `${VM}spec:\n  dataVolumeTemplates:\n  - `,
    );
    expect(completed(`${VM}spec: |`, 'template')).toBe(`${VM}spec:\n  template:\n    `);
    expect(completed(`${VM}spec:|`, 'runStrategy')).toBe(`${VM}spec:\n  runStrategy: `);
    expect(completed(`${VM}spec:\n  runStr|egy: Always`, 'runStrategy')).toBe(
      `${VM}spec:\n  runStrategy: Always`,
    );
    expect(completed(`${VM}spec: {|}`, 'runStrategy')).toBe(`${VM}spec: {runStrategy: }`);
    expect(completed(`${DEVICES}          |`, 'rng')).toBe(`${DEVICES}          rng: {}`);
    expect(completed(`${DEVICES}          disks:\n          |`, '- name')).toBe(
      `${DEVICES}          disks:\n          - name: `,
    );
    expect(completed(`${VM}spec:\n  running:|`, 'true')).toBe(`${VM}spec:\n  running: true`);
    expect(completed('{"apiVersion": "v1", "kind": "Secret", "|"}', 'type')).toBe(
      '{"apiVersion": "v1", "kind": "Secret", "type": }',
    );
  });

  it('says of a field what it is, with its path', () => {
    const marked = `${DEVICES}          disks:\n          - boot|Order: 1`;
    const outline = outlineAt(marked.replace('|', ''), marked.indexOf('|'));
    expect(outline && fieldAt(outline, schemasOf)).toMatchObject({
      path: ['spec', 'template', 'spec', 'domain', 'devices', 'disks', 0, 'bootOrder'],
      types: ['integer'],
      isRequired: false,
    });
  });

  it('has the first completion of a VirtualMachine in a few milliseconds', () => {
    const marked = `${DEVICES}          |`;
    const text = openApi.document('apis/kubevirt.io/v1')?.text ?? '';
    const read = new Schemas(JSON.parse(text));
    const startedAt = performance.now();
    const outline = outlineAt(marked.replace('|', ''), marked.indexOf('|'));
    const found = outline?.place ? complete(outline, outline.place, () => read) : [];
    expect(found.length).toBeGreaterThan(10);
    // A generous share of the 100 ms that somebody may wait, on a machine that does other things too.
    expect(performance.now() - startedAt).toBeLessThan(60);
  });
});
