import type { Ref } from '@/lib/k8s/object';

const segment = encodeURIComponent;

/** The tabs of a VM's page, in order. */
export const VM_TABS = ['overview', 'console', 'events', 'yaml'] as const;
export type VmTab = (typeof VM_TABS)[number];

export type ConsoleKind = 'vnc' | 'serial';

/** Every URL of the console is made here. */
export const paths = {
  home: () => '/',
  cluster: (cluster: string) => `/c/${segment(cluster)}`,
  vms: (cluster: string, query: Record<string, string> = {}) => {
    const search = new URLSearchParams(query).toString();
    return `/c/${segment(cluster)}/vms${search ? `?${search}` : ''}`;
  },
  /** "What may I do?", for one namespace or all. */
  access: (cluster: string, query: Record<string, string> = {}) => {
    const search = new URLSearchParams(query).toString();
    return `/c/${segment(cluster)}/access${search ? `?${search}` : ''}`;
  },
  createVm: (cluster: string, namespace?: string) =>
    `/c/${segment(cluster)}/create${namespace ? `?namespace=${segment(namespace)}` : ''}`,
  vm: ({ cluster, namespace, name }: Ref, tab: VmTab = 'overview') =>
    `/c/${segment(cluster)}/ns/${segment(namespace)}/vms/${segment(name)}${tab === 'overview' ? '' : `/${tab}`}`,
  /** The console of a VM in a browser tab of its own. */
  console: ({ cluster, namespace, name }: Ref, kind: ConsoleKind) =>
    `/console/${segment(cluster)}/${segment(namespace)}/${segment(name)}/${kind}`,
};
