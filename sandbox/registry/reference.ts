export interface ImageName {
  /** `docker.io` where the reference names none. */
  host: string;
  /** Path below the host. */
  repository: string;
  /** A tag, or a digest such as `sha256:…`. */
  tag: string;
}

/** Splits an image reference as container runtimes do: a first part with a dot, a colon or `localhost` is a host. */
export function parseImage(reference: string): ImageName {
  const [path = '', digest] = reference.split('@');
  const colon = path.lastIndexOf(':');
  const tagged = colon > path.lastIndexOf('/');
  const name = tagged ? path.slice(0, colon) : path;
  const tag = digest ?? (tagged ? path.slice(colon + 1) : 'latest');
  const parts = name.split('/');
  const first = parts[0] ?? '';
  if (parts.length > 1 && (/[.:]/.test(first) || first === 'localhost')) {
    return { host: first, repository: parts.slice(1).join('/'), tag };
  }
  return { host: 'docker.io', repository: parts.length === 1 ? `library/${name}` : name, tag };
}

/** The reference with host and tag written out: what two spellings of one image have in common. */
export function fullReference(reference: string): string {
  const { host, repository, tag } = parseImage(reference);
  return `${host}/${repository}${tag.includes(':') ? '@' : ':'}${tag}`;
}

/** Whether a registry's host (with or without a port) is this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);
}

/** Where the registry of a host is really asked. */
export function registryAddress(host: string): string {
  return host === 'docker.io' ? 'registry-1.docker.io' : host;
}
