/** Where somebody may list something: everywhere, or in some namespaces. */
export type Reach = 'all' | ReadonlySet<string>;

/** Which part of the shared lists one viewer is shown. */
export interface Scope {
  vms: Reach;
  /** Elsewhere a VM is shown without what its VMI tells. */
  vmis: Reach;
  /** CPU and memory in use; elsewhere they are left out. */
  usage: Reach;
  /** Equal for scopes that show the same. */
  key: string;
}

export function scopeOf(vms: Reach, vmis: Reach, usage: Reach): Scope {
  // What is known of VMs that are not shown makes no difference.
  const shown = { vms, vmis: within(vmis, vms), usage: within(usage, vms) };
  return { ...shown, key: [shown.vms, shown.vmis, shown.usage].map(keyOf).join(' ') };
}

export function reaches(reach: Reach, namespace: string): boolean {
  return reach === 'all' || reach.has(namespace);
}

export function isEverything({ vms, vmis, usage }: Scope): boolean {
  return vms === 'all' && vmis === 'all' && usage === 'all';
}

function within(reach: Reach, outer: Reach): Reach {
  if (outer === 'all') return reach;
  const inner = new Set([...outer].filter((namespace) => reaches(reach, namespace)));
  return inner.size === outer.size ? 'all' : inner;
}

/** Names of namespaces have neither blanks nor commas. */
function keyOf(reach: Reach): string {
  return reach === 'all' ? '*' : [...reach].sort().join(',');
}
