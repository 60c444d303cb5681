/** Where the cluster's network lies on the host: 10.a.b.c of the cluster is 127.a.b.c, on the loopback interface. */

/** The host's address for one of the cluster; undefined for what is not in the cluster's network. */
export function loopbackOf(address: string | undefined): string | undefined {
  const [, rest] = /^10\.(\d{1,3}\.\d{1,3}\.\d{1,3})$/.exec(address ?? '') ?? [];
  return rest === undefined ? undefined : `127.${rest}`;
}
