import type { Ref } from '@/lib/k8s/object';
import type { Resource } from '@/lib/k8s/resource';

const segment = encodeURIComponent;

/** The tabs of a VM's page, in order. */
export const VM_TABS = [
  'overview',
  'console',
  'configuration',
  'disks',
  'networks',
  'events',
  'yaml',
  'diagnose',
] as const;
export type VmTab = (typeof VM_TABS)[number];

export type ConsoleKind = 'vnc' | 'serial';

/** What the form that makes a VM begins with. */
export interface CreateStart {
  namespace?: string | undefined;
  /** The id of an example. */
  example?: string | undefined;
  /** `namespace/name` of a template. */
  template?: string | undefined;
  /** `namespace/name` of a VM to start from a copy of. */
  clone?: string | undefined;
  /** The id of a section. */
  step?: string | undefined;
}

function searchOf(query: { [key: string]: string | undefined } | CreateStart | CloneStart): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
}

/** What the page that clones a VM begins with. */
export interface CloneStart {
  namespace?: string | undefined;
  from?: 'vm' | 'snapshot' | undefined;
  /** The name of the VM or of the snapshot. */
  source?: string | undefined;
  /** The name of a VirtualMachineClone that is under way. */
  progress?: string | undefined;
}

type ResourceName = Pick<Resource, 'group' | 'version' | 'plural'>;

/** One object of any kind; no namespace for those of the cluster itself. */
export interface ObjectRef {
  cluster: string;
  resource: ResourceName;
  namespace?: string | undefined;
  name: string;
}

/** The core group has no name, and an address no empty parts. */
export const CORE_GROUP = 'core';

function resourceSegments({ group, version, plural }: ResourceName): string {
  return `${segment(group || CORE_GROUP)}/${segment(version)}/${segment(plural)}`;
}

/** Every URL of the console is made here. */
export const paths = {
  home: () => '/',
  /** All clusters of this console. */
  clusters: () => '/clusters',
  /** Everything that matches, in all clusters. */
  search: (text = '') => `/search${text ? `?${new URLSearchParams({ q: text })}` : ''}`,
  /** `returnTo` is a path of ours, checked again where it is used (`returnPath`). */
  signIn: (cluster: string, returnTo?: string) =>
    `/sign-in/${segment(cluster)}${returnTo && returnTo !== '/' ? `?${new URLSearchParams({ return: returnTo })}` : ''}`,
  /** Where a window ends that was opened to sign in beside a page. */
  signedIn: (cluster: string) => `/signed-in?${new URLSearchParams({ cluster })}`,
  /** The wall of live screens of the VMs that match. */
  screens: (cluster: string, query: Record<string, string> = {}) => {
    const search = new URLSearchParams(query).toString();
    return `/c/${segment(cluster)}/screens${search ? `?${search}` : ''}`;
  },
  cluster: (cluster: string) => `/c/${segment(cluster)}`,
  vms: (cluster: string, query: Record<string, string> = {}) => {
    const search = new URLSearchParams(query).toString();
    return `/c/${segment(cluster)}/vms${search ? `?${search}` : ''}`;
  },
  /** Everything that a query matches, for programs and to save. */
  vmsExport: (cluster: string, query: Record<string, string>) =>
    `/api/inventory/${segment(cluster)}/vms?${new URLSearchParams(query)}`,
  /** "What may I do?", for one namespace or all. */
  access: (cluster: string, query: Record<string, string> = {}) => {
    const search = new URLSearchParams(query).toString();
    return `/c/${segment(cluster)}/access${search ? `?${search}` : ''}`;
  },
  /** The form that makes a VM. */
  createVm: (cluster: string, start: CreateStart = {}) => `/c/${segment(cluster)}/create${searchOf(start)}`,
  /** The page that clones a VM or a snapshot of one. */
  cloneVm: (cluster: string, start: CloneStart = {}) =>
    `/c/${segment(cluster)}/create/clone${searchOf(start)}`,
  /** Any documents at once: pasted, uploaded, or an example. */
  createYaml: (cluster: string, start: Pick<CreateStart, 'namespace' | 'example'> = {}) =>
    `/c/${segment(cluster)}/create/yaml${searchOf(start)}`,
  /** All kinds of a cluster. */
  objects: (cluster: string, query: { namespace?: string; q?: string } = {}) =>
    `/c/${segment(cluster)}/objects${searchOf(query)}`,
  /** The objects of one kind. */
  objectList: (cluster: string, resource: ResourceName, namespace?: string) =>
    `/c/${segment(cluster)}/objects/${resourceSegments(resource)}${searchOf({ ns: namespace })}`,
  /** One object of any kind. */
  object: ({ cluster, resource, namespace, name }: ObjectRef) =>
    `/c/${segment(cluster)}/objects/${resourceSegments(resource)}/${namespace ? segment(namespace) : '_'}/${segment(name)}`,
  vm: ({ cluster, namespace, name }: Ref, tab: VmTab = 'overview') =>
    `/c/${segment(cluster)}/ns/${segment(namespace)}/vms/${segment(name)}${tab === 'overview' ? '' : `/${tab}`}`,
  /** A part of a VM's configuration, by the id of its section. */
  vmSection: (vm: Ref, section: string) =>
    `${paths.vm(vm, 'configuration')}?${new URLSearchParams({ section })}`,
  /** A VM's page with the question open that an action asks first. */
  vmAction: (vm: Ref, action: string) => `${paths.vm(vm)}?${new URLSearchParams({ action })}`,
  /** The console of a VM in a browser tab of its own. */
  console: ({ cluster, namespace, name }: Ref, kind: ConsoleKind) =>
    `/console/${segment(cluster)}/${segment(namespace)}/${segment(name)}/${kind}`,
};

/**
 * The page of another cluster that shows what `pathname` shows of its own: the same kind of list, the same form. What
 * is one object's page leads to the list of its kind, since the other cluster hardly has that very object.
 */
export function samePageOf(cluster: string, pathname: string): string {
  const [, scope, , first, , kind] = pathname.split('/');
  const page = scope === 'c' ? (first === 'ns' ? kind : first) : undefined;
  return page ? `${paths.cluster(cluster)}/${page}` : paths.cluster(cluster);
}

/** The namespace of the object whose page this is, if it is one's. */
export function namespaceOfPath(pathname: string): string | undefined {
  const [, scope, , kind, namespace] = pathname.split('/');
  return scope === 'c' && kind === 'ns' && namespace ? decodeURIComponent(namespace) : undefined;
}
