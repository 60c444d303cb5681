import { isJsonObject, type JsonObject, mappingsAt, valueAt, withValueAt } from '@/lib/k8s/json';
import { amountProblem } from '@/lib/kinds/vm/form/amount';
import { writeBootSource } from '@/lib/kinds/vm/form/boot-source';
import { DEVICES, GUEST, type VmDraft, type VmManifest } from '@/lib/kinds/vm/form/field';
import { withCloudInit, withGuestText } from '@/lib/kinds/vm/form/guest/cloud-init';
import { INSTANCETYPE } from '@/lib/kinds/vm/form/instance-type';
import { MEMORY_GUEST, VCPUS } from '@/lib/kinds/vm/form/size-fields';
import { parseFieldPath } from '@/lib/manifest/field-path';
import { type Text, text } from '@/lib/text';
import { sourceOfChoice } from '../../form/disks/image-kinds';

/** What a cell makes of a VM, or why it can't. */
export type Applied = { draft: VmDraft } | { problem: Text };

type Apply = (draft: VmDraft, cell: string, namespace: string) => Applied;

/** Where a column whose name says which label it is begins. */
const LABEL = 'label:';

const KNOWN: Record<string, Apply> = {
  cpu: (draft, cell) => {
    const many = Number(cell);
    if (!Number.isInteger(many) || many < 1) return { problem: text('create.batch.notCount', { cell }) };
    return INSTANCETYPE.read(draft.vm).name
      ? { problem: text('create.batch.sizedByType') }
      : onVm(draft, (vm) => VCPUS.write(vm, many));
  },
  memory: (draft, cell) => {
    const problem = amountProblem(cell);
    if (problem) return { problem };
    return INSTANCETYPE.read(draft.vm).name
      ? { problem: text('create.batch.sizedByType') }
      : onVm(draft, (vm) => MEMORY_GUEST.write(vm, cell));
  },
  instancetype: (draft, cell) =>
    onVm(draft, (vm) => {
      const sized = withValueAt(vm, ['spec', 'instancetype', 'name'], cell);
      // An instance type and amounts of its own are refused together.
      return withValueAt(
        withValueAt(sized, [...GUEST, 'domain', 'cpu'], undefined),
        [...GUEST, 'domain', 'memory'],
        undefined,
      );
    }),
  image: (draft, cell, namespace) => {
    const choice = /^[a-z0-9.-]+\/[a-z0-9.-]+$/.test(cell) ? `image:${cell}` : cell;
    return onVm(draft, (vm) => writeBootSource(vm, sourceOfChoice(choice, namespace)));
  },
  ip: withAddress,
};

/** The columns that have names of their own; any other is `label:…` or a field's path. */
export const COLUMNS = ['name', ...Object.keys(KNOWN)];

/** What is wrong with a column's name, if anything. */
export function columnProblem(column: string): Text | undefined {
  const isKnown = column === 'name' || Object.hasOwn(KNOWN, column) || labelOf(column);
  return isKnown || isPath(column) ? undefined : text('create.batch.unknownColumn', { column });
}

/** Writes a cell into a VM. An empty one leaves it as it is. */
export function applyCell(draft: VmDraft, column: string, cell: string, namespace: string): Applied {
  if (cell === '') return { draft };
  const known = Object.hasOwn(KNOWN, column) ? KNOWN[column] : undefined;
  if (known) return known(draft, cell, namespace);
  const label = labelOf(column);
  if (label) return onVm(draft, (vm) => withValueAt(vm, ['metadata', 'labels', label], cell));
  const path = parseFieldPath(column);
  const parent = path.length > 1 ? valueAt(draft.vm, path.slice(0, -1)) : draft.vm;
  const last = path.at(-1);
  if (typeof last === 'number' && !(Array.isArray(parent) && last < parent.length))
    return { problem: text('create.batch.noSuchEntry', { column }) };
  return onVm(draft, (vm) => withValueAt(vm, path, cellValue(cell, valueAt(vm, path))));
}

function onVm(draft: VmDraft, edit: (vm: VmManifest) => VmManifest): Applied {
  return { draft: { ...draft, vm: edit(draft.vm) } };
}

function labelOf(column: string): string | undefined {
  return column.startsWith(LABEL) ? column.slice(LABEL.length).trim() || undefined : undefined;
}

function isPath(column: string): boolean {
  return /^(spec|metadata)[.[]/.test(column);
}

/** Numbers and truths are such, unless what stands there is text or the cell is in quotes. */
function cellValue(cell: string, before: unknown): unknown {
  const quoted = /^'(.*)'$/.exec(cell);
  if (quoted) return quoted[1] ?? '';
  if (typeof before === 'string') return cell;
  return /^(true|false|-?\d+(\.\d+)?)$/.test(cell) ? (JSON.parse(cell) as unknown) : cell;
}

const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]+)\/\d{1,3}$/;

/** A fixed address by cloud-init's network data, on the first card that is not the pod network's. */
function withAddress(draft: VmDraft, cell: string): Applied {
  if (!ADDRESS.test(cell)) return { problem: text('create.batch.notAddress', { cell }) };
  const cards = mappingsAt(draft.vm, [...DEVICES, 'interfaces']);
  const networks = new Map(mappingsAt(draft.vm, [...GUEST, 'networks']).map((each) => [each.name, each]));
  const at = cards.findIndex((card) => !isPodNetwork(networks.get(card.name)));
  if (at < 0) return { problem: text('create.batch.noNetwork') };
  const lines = cards.map((_, index) => {
    const settings = index === at ? `addresses: [${JSON.stringify(cell)}]` : 'dhcp4: true';
    // As the kernel names virtio cards of a q35 machine, in the order of the VM's interfaces.
    return `  enp${index + 1}s0:\n    ${settings}\n`;
  });
  const content = `version: 2\nethernets:\n${lines.join('')}`;
  return { draft: withGuestText(withCloudInit(draft), 'networkData', content) };
}

function isPodNetwork(network: JsonObject | undefined): boolean {
  return network === undefined || isJsonObject(network.pod);
}
