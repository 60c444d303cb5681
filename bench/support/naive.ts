import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { ApiProcessReady } from '../api/main';

/** A VM as the API lists it, with its VMI: no code of the console has touched it. */
export interface NaiveVm {
  uid: string;
  namespace: string;
  name: string;
  status: string;
  node: string;
  ips: string[];
  tier: string;
  description: string;
  /** Everything that a plain word may be found in. */
  haystack: string;
}

interface Listed {
  metadata: {
    uid: string;
    namespace: string;
    name: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  status?: {
    printableStatus?: string;
    nodeName?: string;
    interfaces?: { ipAddress?: string; ipAddresses?: string[]; mac?: string }[];
  };
}

const GROUP = '/apis/kubevirt.io/v1';

/** A fresh LIST of everything, or of one namespace; joined by name. */
export async function listNaively(
  api: Pick<ApiProcessReady, 'url' | 'users' | 'ca'>,
  namespace?: string,
): Promise<NaiveVm[]> {
  const token = api.users[0]?.token ?? '';
  const where = namespace ? `${GROUP}/namespaces/${namespace}` : GROUP;
  const list = async (plural: string) =>
    ((await readJson(`${api.url}${where}/${plural}`, token, api.ca)) as { items: Listed[] }).items;
  const [vms, vmis] = [await list('virtualmachines'), await list('virtualmachineinstances')];
  const running = new Map(vmis.map((vmi) => [`${vmi.metadata.namespace}/${vmi.metadata.name}`, vmi]));
  return vms.map((vm) => {
    const { uid, name, labels = {}, annotations = {} } = vm.metadata;
    const vmi = running.get(`${vm.metadata.namespace}/${name}`);
    const interfaces = vmi?.status?.interfaces ?? [];
    const ips = interfaces.flatMap(({ ipAddress, ipAddresses }) => ipAddresses ?? ipAddress ?? []);
    return {
      uid,
      namespace: vm.metadata.namespace,
      name,
      status: vm.status?.printableStatus ?? '',
      node: vmi?.status?.nodeName ?? '',
      ips,
      tier: labels.tier ?? '',
      description: annotations.description ?? '',
      haystack: JSON.stringify([
        name,
        vm.metadata.namespace,
        labels,
        annotations.description,
        ips,
      ]).toLowerCase(),
    };
  });
}

function readJson(url: string, token: string, ca?: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { headers: { authorization: `Bearer ${token}` }, ...(ca ? { ca } : {}) };
    const call = (ca ? httpsGet : httpGet)(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
      response.on('error', reject);
    });
    call.on('error', reject);
  });
}

/** By name as people read it, then by namespace and uid. */
export function byName(a: NaiveVm, b: NaiveVm): number {
  return natural(a.name, b.name) || natural(a.namespace, b.namespace) || (a.uid < b.uid ? -1 : 1);
}

/** Case does not count, runs of digits are numbers. */
export function natural(a: string, b: string): number {
  const split = (text: string): string[] => text.toLowerCase().match(/\d+|\D/g) ?? [];
  const [left, right] = [split(a), split(b)];
  for (const [index, one] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (one === other) continue;
    const difference = Number(one) - Number(other);
    if (/\d/.test(one) && /\d/.test(other)) {
      if (difference !== 0) return difference;
    } else return one < other ? -1 : 1;
  }
  return left.length - right.length;
}
