import { stringify } from 'yaml';
import type { JsonObject, JsonPath } from '@/lib/k8s/json';
import { nodeAt, type Place, wordsAt } from '@/lib/manifest/schema/outline';
import type { Outline } from '@/lib/manifest/schema/read-outline';
import { WRITE_OPTIONS } from '@/lib/manifest/write';
import type { MessageKey } from '@/lib/text';
import { text } from '@/lib/text';
import type { Suggestion } from './suggestion';

/** A piece of a manifest that people need often, and where it goes. */
export interface Snippet {
  id: string;
  title: MessageKey;
  about: MessageKey;
  /** Below the object's `spec`, or its pod or machine template's: where the piece is an entry, or a key. */
  parts: readonly { at: JsonPath; entry?: JsonObject; key?: string; value?: unknown }[];
  /** Which templates take it. */
  for: 'machine' | 'pod' | 'both';
}

const DEVICES = ['domain', 'devices'] as const;

export const SNIPPETS: readonly Snippet[] = [
  {
    id: 'disk',
    title: 'editor.snippet.disk',
    about: 'editor.snippet.diskAbout',
    for: 'machine',
    parts: [
      { at: [...DEVICES, 'disks'], entry: { name: 'data', disk: { bus: 'virtio' } } },
      { at: ['volumes'], entry: { name: 'data', persistentVolumeClaim: { claimName: 'data' } } },
    ],
  },
  {
    id: 'containerDisk',
    title: 'editor.snippet.containerDisk',
    about: 'editor.snippet.containerDiskAbout',
    for: 'machine',
    parts: [
      { at: [...DEVICES, 'disks'], entry: { name: 'image', disk: { bus: 'virtio' } } },
      {
        at: ['volumes'],
        entry: { name: 'image', containerDisk: { image: 'quay.io/containerdisks/fedora:latest' } },
      },
    ],
  },
  {
    id: 'nic',
    title: 'editor.snippet.nic',
    about: 'editor.snippet.nicAbout',
    for: 'machine',
    parts: [
      { at: [...DEVICES, 'interfaces'], entry: { name: 'default', masquerade: {} } },
      { at: ['networks'], entry: { name: 'default', pod: {} } },
    ],
  },
  {
    id: 'multus',
    title: 'editor.snippet.multus',
    about: 'editor.snippet.multusAbout',
    for: 'machine',
    parts: [
      { at: [...DEVICES, 'interfaces'], entry: { name: 'second', bridge: {} } },
      { at: ['networks'], entry: { name: 'second', multus: { networkName: 'my-network' } } },
    ],
  },
  {
    id: 'cloudInit',
    title: 'editor.snippet.cloudInit',
    about: 'editor.snippet.cloudInitAbout',
    for: 'machine',
    parts: [
      { at: [...DEVICES, 'disks'], entry: { name: 'cloudinit', disk: { bus: 'virtio' } } },
      {
        at: ['volumes'],
        entry: {
          name: 'cloudinit',
          cloudInitNoCloud: {
            userData:
              '#cloud-config\nssh_authorized_keys:\n  - ssh-ed25519 AAAA… you@example\npackages:\n  - qemu-guest-agent\n',
          },
        },
      },
    ],
  },
  {
    id: 'toleration',
    title: 'editor.snippet.toleration',
    about: 'editor.snippet.tolerationAbout',
    for: 'both',
    parts: [
      {
        at: ['tolerations'],
        entry: { key: 'dedicated', operator: 'Equal', value: 'virtual-machines', effect: 'NoSchedule' },
      },
    ],
  },
  {
    id: 'probe',
    title: 'editor.snippet.probe',
    about: 'editor.snippet.probeAbout',
    for: 'machine',
    parts: [
      {
        at: [],
        key: 'readinessProbe',
        value: { tcpSocket: { port: 22 }, initialDelaySeconds: 20, periodSeconds: 10 },
      },
    ],
  },
  {
    id: 'agentProbe',
    title: 'editor.snippet.agentProbe',
    about: 'editor.snippet.agentProbeAbout',
    for: 'machine',
    parts: [
      {
        at: [],
        key: 'livenessProbe',
        value: { guestAgentPing: {}, initialDelaySeconds: 120, periodSeconds: 20 },
      },
    ],
  },
  {
    id: 'spread',
    title: 'editor.snippet.spread',
    about: 'editor.snippet.spreadAbout',
    for: 'both',
    parts: [
      {
        at: [],
        key: 'affinity',
        value: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 100,
                podAffinityTerm: {
                  labelSelector: { matchLabels: { app: 'my-app' } },
                  topologyKey: 'kubernetes.io/hostname',
                },
              },
            ],
          },
        },
      },
    ],
  },
  {
    id: 'nodes',
    title: 'editor.snippet.nodes',
    about: 'editor.snippet.nodesAbout',
    for: 'both',
    parts: [{ at: [], key: 'nodeSelector', value: { 'kubernetes.io/arch': 'amd64' } }],
  },
  {
    id: 'resources',
    title: 'editor.snippet.size',
    about: 'editor.snippet.sizeAbout',
    for: 'machine',
    parts: [
      { at: ['domain'], key: 'cpu', value: { cores: 2, sockets: 1, threads: 1 } },
      { at: ['domain'], key: 'memory', value: { guest: '2Gi' } },
    ],
  },
];

/** Where an object keeps the spec of its machine or pods; undefined where it has none. */
export function templateOf(root: Outline['root']): { path: JsonPath; for: 'machine' | 'pod' } | undefined {
  const kind = wordsAt(root, ['kind']);
  if (kind === 'VirtualMachine' || kind === 'VirtualMachineInstanceReplicaSet') {
    return { path: ['spec', 'template', 'spec'], for: 'machine' };
  }
  if (kind === 'VirtualMachinePool') {
    return { path: ['spec', 'virtualMachineTemplate', 'spec', 'template', 'spec'], for: 'machine' };
  }
  if (kind === 'VirtualMachineInstance') return { path: ['spec'], for: 'machine' };
  if (kind === 'Pod') return { path: ['spec'], for: 'pod' };
  const isWorkload = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'].includes(kind);
  return isWorkload ? { path: ['spec', 'template', 'spec'], for: 'pod' } : undefined;
}

/** The snippets whose parts go exactly where the cursor stands. */
export function fittingSnippets(outline: Outline, place: Place): Suggestion[] {
  const template = templateOf(outline.root);
  if (!template || place.isFlow || place.kind === 'value') return [];
  return SNIPPETS.filter((each) => each.for === 'both' || each.for === template.for).flatMap((snippet) =>
    snippet.parts.flatMap((part) => {
      const at = [...template.path, ...part.at];
      const insert = part.entry
        ? entryText(part.entry, at, place)
        : keyText(outline, String(part.key), part.value, at, place);
      if (insert === undefined) return [];
      const label = part.entry ? `${String(part.entry.name ?? part.entry.key)} …` : `${part.key} …`;
      return [
        {
          kind: 'snippet' as const,
          label,
          insert,
          from: place.from,
          to: place.to,
          goesOn: false,
          rank: -20,
          isDeprecated: false,
          field: undefined,
          about: text(snippet.about),
        },
      ];
    }),
  );
}

/** The piece as an entry, where the cursor stands in its list: with a dash of its own, or behind one. */
function entryText(entry: JsonObject, at: JsonPath, place: Place): string | undefined {
  const isBehindDash =
    place.kind === 'open' && samePath(place.path.slice(0, -1), at) && typeof place.path.at(-1) === 'number';
  if (isBehindDash) return indented(blockText(entry), place.column);
  const isInList =
    (place.kind === 'open' && samePath(place.path, at)) || (place.list && samePath(place.list, at));
  return isInList ? `- ${indented(blockText(entry), place.column + 2)}` : undefined;
}

function keyText(
  outline: Outline,
  key: string,
  value: unknown,
  at: JsonPath,
  place: Place,
): string | undefined {
  const node = nodeAt(outline.root, at);
  const has =
    node?.kind === 'map' && node.entries.some((entry) => entry.key === key && entry.from !== place.from);
  if (has || place.hasColon || !samePath(place.path, at)) return undefined;
  return indented(blockText({ [key]: value }), place.column);
}

/** As the console writes all YAML. */
function blockText(value: unknown): string {
  return stringify(value, WRITE_OPTIONS).trimEnd();
}

function indented(block: string, column: number): string {
  return block.replaceAll('\n', `\n${' '.repeat(column)}`);
}

function samePath(a: JsonPath, b: JsonPath): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}
