import { stringify } from 'yaml';
import { smallVm } from './vm';

export interface Broken {
  what: string;
  text: string;
  /** What the problem list says, and on which line where that is not the server's to choose. */
  says: RegExp;
  line?: number;
  /** True where only the cluster can know: the text is sent (as a dry run) first. */
  byCluster?: true;
}

type Json = Record<string, unknown>;
type Vm = ReturnType<typeof smallVm> & {
  spec: { template: { spec: Json & { domain: Json & { devices: Json } } } };
};

const MIB = 1024 ** 2;

/** Thirty ways to get a manifest wrong; `namespace` exists and is empty. */
export function brokenManifests(namespace: string): Broken[] {
  const head = `apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata:\n  name: broken\n  namespace: ${namespace}\n`;
  const wrong = (change: (vm: Vm) => void): string => {
    const vm = smallVm(namespace, 'broken', { runStrategy: 'Halted' }) as Vm;
    change(vm);
    return stringify(vm);
  };
  const devices = (vm: Vm): Json => vm.spec.template.spec.domain.devices;
  return [
    { what: 'a tab for indentation', text: 'kind: Pod\nmetadata:\n\tname: x', says: /tab/, line: 3 },
    { what: 'an indentation that fits nothing', text: `${head}   spec: {}\n`, says: /indent/, line: 5 },
    {
      what: 'a bracket that stays open',
      text: `${head}spec: {running: true\n`,
      says: /closing \} is missing/,
    },
    { what: 'a quote that stays open', text: `${head}spec: "oh\n`, says: /quote is opened/ },
    { what: 'a key twice', text: `${head}spec: {}\nspec: {}\n`, says: /stands twice/, line: 7 },
    { what: 'a key without a colon', text: `${head}spec\n`, says: /colon/ },
    { what: 'no space behind a colon', text: 'apiVersion:v1\nkind: Pod', says: /colon/ },
    { what: 'an alias without its anchor', text: `${head}spec: *nowhere\n`, says: /nowhere/, line: 6 },
    { what: 'plain text', text: 'hello', says: /plain text/, line: 1 },
    { what: 'a list', text: '- a\n- b', says: /This is a list/, line: 1 },
    { what: 'a web page', text: '<!DOCTYPE html><html></html>', says: /web page/, line: 1 },
    { what: 'a Helm template', text: 'name: {{ .Values.name }}', says: /template/, line: 1 },
    {
      what: 'no apiVersion',
      text: 'kind: VirtualMachine\nmetadata: {name: x}',
      says: /apiVersion is missing/,
    },
    { what: 'no kind', text: 'apiVersion: v1\nmetadata: {name: x}', says: /kind is missing/ },
    { what: 'no metadata', text: 'apiVersion: v1\nkind: Namespace', says: /metadata is missing/ },
    {
      what: 'no name',
      text: 'apiVersion: v1\nkind: Namespace\nmetadata: {}',
      says: /metadata.name is missing/,
    },
    {
      what: 'a kind that the cluster lacks',
      text: head.replace('VirtualMachine', 'VirtualMaschine'),
      says: /knows no VirtualMaschine/,
      line: 2,
    },
    {
      what: 'a group that the cluster lacks',
      text: 'apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: x}',
      says: /knows no example.org\/v1/,
      line: 1,
    },
    {
      what: 'a name in capitals',
      text: head.replace('broken', 'My_VM'),
      says: /My_VM is no name/,
      line: 4,
    },
    {
      what: 'a name of 300 characters',
      text: head.replace('broken', 'x'.repeat(300)),
      says: /300 characters/,
      line: 4,
    },
    { what: 'the same object twice', text: `${head}---\n${head}`, says: /second time/ },
    { what: 'five megabytes', text: `${head}#${'x'.repeat(5 * MIB)}\n`, says: /5(\.\d+)? MiB/ },
    {
      what: 'a memory size that is none',
      text: wrong((vm) => {
        vm.spec.template.spec.domain.memory = { guest: 'lots' };
      }),
      says: /lots is no amount/,
    },
    { what: 'no spec', text: head, says: /spec/, byCluster: true },
    {
      what: 'neither a run strategy nor running',
      text: wrong((vm) => {
        (vm.spec as Partial<Vm['spec']>).runStrategy = undefined;
      }),
      says: /RunStrategy must be specified/,
      byCluster: true,
    },
    {
      what: 'a disk without its volume',
      text: wrong((vm) => {
        vm.spec.template.spec.volumes = [];
      }),
      says: /disks\[0\].*'root' not found/,
      byCluster: true,
    },
    {
      what: 'two disks with the same boot order',
      text: wrong((vm) => {
        devices(vm).disks = [
          { name: 'root', disk: { bus: 'virtio' }, bootOrder: 1 },
          { name: 'cloudinit', disk: { bus: 'virtio' }, bootOrder: 1 },
        ];
      }),
      says: /Boot order for .* already set/,
      byCluster: true,
    },
    {
      what: 'two disks of one name',
      text: wrong((vm) => {
        devices(vm).disks = [
          { name: 'root', disk: {} },
          { name: 'root', disk: {} },
        ];
      }),
      says: /must not have the same Name/,
      byCluster: true,
    },
    {
      what: 'a network that is not there',
      text: wrong((vm) => {
        vm.spec.template.spec.networks = [];
      }),
      says: /networks?\[?.*'?default'? not found|interface/i,
      byCluster: true,
    },
    {
      what: 'an unknown run strategy',
      text: wrong((vm) => {
        vm.spec.runStrategy = 'Sometimes';
      }),
      says: /Sometimes/,
      byCluster: true,
    },
    {
      what: 'an unknown field',
      text: wrong((vm) => {
        (vm.spec as Json).colour = 'red';
      }),
      says: /unknown field "spec.colour"/,
      byCluster: true,
    },
  ];
}
