import { type ProxyTarget, parseProxyUrl } from './path';

/**
 * Where a browser may be sent by a cluster's answer: only to another path of the same cluster's API, which is then asked
 * through this server as any other. Nothing here ever follows a redirect itself, with credentials or without.
 * @param base the API server's URL with what stands before its paths, e.g. `https://lab:6443` or `https://rancher/k8s/c-1`
 * @returns a path of this server; undefined for any other place
 */
export function redirectWithin(location: string, target: ProxyTarget, base: string): string | undefined {
  const asked = `${base}${target.path}`;
  if (!URL.canParse(location, asked) || !URL.canParse(base)) return undefined;
  const { origin, pathname, search } = new URL(location, asked);
  const own = new URL(base);
  const before = own.pathname.replace(/\/$/, '');
  if (origin !== own.origin || !`${pathname}/`.startsWith(`${before}/`)) return undefined;
  const url = `/api/k8s/${encodeURIComponent(target.cluster)}${pathname.slice(before.length)}${search}`;
  return 'problem' in parseProxyUrl(url) ? undefined : url;
}

/** Whether a status sends the client elsewhere. 304 is of the same family and does not. */
export function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}
