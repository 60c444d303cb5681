import { DEFAULT_VM_QUERY, type VmQuery } from '@/lib/kinds/vm/query';
import { byName, type NaiveVm, natural } from './naive';

/** A question as a viewer asks it, and the same in the plainest words that this file can find. */
export interface StormQuery {
  query: VmQuery;
  matches: (vm: NaiveVm) => boolean;
  compare: (a: NaiveVm, b: NaiveVm) => number;
}

/** Different filters and orders; `namespaces` and `nodes` are the cluster's. */
export function stormQueries(namespaces: string[], nodes: string[]): StormQuery[] {
  const [first = '', second = ''] = namespaces;
  const [node = ''] = nodes;
  const all = () => true;
  return [
    ask({}, all, byName),
    ask({ sort: { column: 'name', descending: true } }, all, (a, b) => -byName(a, b)),
    ask(
      { namespaces: [first, second] },
      ({ namespace }) => namespace === first || namespace === second,
      byName,
    ),
    ask({ text: 'label:tier=web' }, ({ tier }) => tier === 'web', byName),
    ask({ text: 'status:stopped' }, ({ status }) => status === 'Stopped', byName),
    ask({ text: `node:${node}`, sort: { column: 'ip', descending: false } }, (vm) => vm.node === node, byIp),
    ask(
      { text: 'name:desk', sort: { column: 'node', descending: false } },
      ({ name }) => name.includes('desk'),
      byNode,
    ),
    ask(
      { text: 'name:db status:running', sort: { column: 'namespace', descending: true } },
      isRunningDb,
      byNamespaceDown,
    ),
    ask({ sort: { column: 'description', descending: true } }, all, byDescriptionDown),
  ];
}

function ask(
  query: Partial<VmQuery>,
  matches: StormQuery['matches'],
  compare: StormQuery['compare'],
): StormQuery {
  return { query: { ...DEFAULT_VM_QUERY, ...query }, matches, compare };
}

const isRunningDb = ({ name, status }: NaiveVm) => name.includes('db') && status === 'Running';

const byNode = (a: NaiveVm, b: NaiveVm) => emptyLast(a.node, b.node) || byName(a, b);

const byIp = (a: NaiveVm, b: NaiveVm) => emptyLast(a.ips[0] ?? '', b.ips[0] ?? '') || byName(a, b);

const byNamespaceDown = (a: NaiveVm, b: NaiveVm) => natural(b.namespace, a.namespace) || byName(a, b);

const byDescriptionDown = (a: NaiveVm, b: NaiveVm) => natural(b.description, a.description) || byName(a, b);

function emptyLast(a: string, b: string): number {
  if (a === '' || b === '') return Number(a === '') - Number(b === '');
  return natural(a, b);
}
