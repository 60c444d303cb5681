/** A resource of the API: the four facts from which paths, watches, access reviews and links derive. */
export interface Resource {
  /** Empty for the core group. */
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
}

/** `kubevirt.io/v1`, or `v1` for the core group. */
export function apiVersionOf(resource: Resource): string {
  return resource.group ? `${resource.group}/${resource.version}` : resource.version;
}

/**
 * The path of a collection (no name) or an object below the API server's root, each segment escaped.
 * A namespaced resource without a namespace gives the path over all namespaces.
 */
export function resourcePath(
  resource: Resource,
  namespace?: string,
  name?: string,
  subresource?: string,
): string {
  const root = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`;
  const scope = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name ? `/${encodeURIComponent(name)}` : '';
  return `${root}${scope}/${resource.plural}${object}${subresource ? `/${subresource}` : ''}`;
}

/** The same path as the console's own server proxies it, for the browser. */
export function proxyPath(cluster: string, apiPath: string): string {
  return `/api/k8s/${encodeURIComponent(cluster)}${apiPath}`;
}
