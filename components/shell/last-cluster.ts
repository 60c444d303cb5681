/** Names the cluster that this browser used last, so that the console opens with it. */
export const LAST_CLUSTER_COOKIE = 'cluster';

const KEPT_S = 180 * 24 * 3600;

/** A cookie, since the server decides where `/` leads. */
export function rememberCluster(name: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is for secure origins only
  document.cookie = `${LAST_CLUSTER_COOKIE}=${encodeURIComponent(name)}; path=/; max-age=${KEPT_S}; samesite=lax`;
}
