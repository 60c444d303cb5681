export interface Credentials {
  username: string;
  password: string;
}

interface DockerConfig {
  auths?: Record<string, { auth?: string; username?: string; password?: string }>;
}

/**
 * The credentials of a pull secret that are for an image, those of the longest path first, as the kubelet picks them:
 * a key is a host, maybe with `*` in its labels, maybe with a path; old ones have a scheme and `/v1/`.
 * @param config the text of `.dockerconfigjson`, or of the older `.dockercfg`; what cannot be read names none
 */
export function credentialsFor(
  { host, repository }: { host: string; repository: string },
  config: string,
): Credentials[] {
  const found: { length: number; credentials: Credentials }[] = [];
  for (const [key, entry] of Object.entries(readAuths(config))) {
    const place = key.replace(/^https?:\/\//, '').replace(/\/(v1|v2)?\/?$/, '');
    const [place0 = '', ...path] = place.split('/');
    const wantedHost = place0 === 'index.docker.io' ? 'docker.io' : place0;
    const prefix = path.join('/');
    if (!hostMatches(wantedHost, host)) continue;
    if (prefix && repository !== prefix && !repository.startsWith(`${prefix}/`)) continue;
    const credentials = decode(entry);
    if (credentials) found.push({ length: place.length, credentials });
  }
  return found.sort((one, other) => other.length - one.length).map(({ credentials }) => credentials);
}

function readAuths(text: string): NonNullable<DockerConfig['auths']> {
  try {
    // Whatever is not of this shape has no usable entries below.
    const config = JSON.parse(text) as DockerConfig & NonNullable<DockerConfig['auths']>;
    return config?.auths ?? config ?? {};
  } catch {
    return {};
  }
}

function decode({ auth, username, password }: { auth?: string; username?: string; password?: string }) {
  if (username && password) return { username, password };
  const text = Buffer.from(auth ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon > 0 ? { username: text.slice(0, colon), password: text.slice(colon + 1) } : undefined;
}

function hostMatches(pattern: string, host: string): boolean {
  const wanted = pattern.split('.');
  const labels = host.split('.');
  return (
    wanted.length === labels.length &&
    wanted.every((label, index) => {
      const parts = label.split('*').map((part) => part.replaceAll(/[^\w-]/g, '\\$&'));
      return new RegExp(`^${parts.join('.*')}$`).test(labels[index] ?? '');
    })
  );
}
