import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { type Cluster, type ClusterTls, type Credentials, CredentialsError } from './cluster';
import { plainMethods } from './sign-in-method';

// A token without an expiry (exec plugins may leave it out) is asked for again this often.
const CREDENTIALS_TTL_MS = 30_000;

/** A kubeconfig cannot be used at all; the message is a sentence for the person who started the console. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

export interface Kubeconfig {
  clusters: Cluster[];
  /** The name of the current context, or of the first one. */
  current: string;
}

/**
 * Reads kubeconfig files into one cluster per context. Where several files define the same name, the first wins, as
 * with kubectl (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
 * @throws KubeconfigError when a file cannot be read or names no usable context.
 */
export async function readKubeconfig(files: string[]): Promise<Kubeconfig> {
  const configs = await Promise.all(files.map(parseFile));
  return clustersOf(configs, files.join(', '), await configClass());
}

/** The cluster whose service account is mounted into this pod (KUBERNETES_SERVICE_HOST and _PORT). */
export async function readServiceAccount(name = 'in-cluster'): Promise<Kubeconfig> {
  const Config = await configClass();
  const config = new Config();
  config.loadFromCluster();
  const { clusters } = clustersOf([config], 'the service account', Config);
  return { clusters: clusters.map((cluster) => ({ ...cluster, name })), current: name };
}

/** The package weighs half a second at import, so it loads beside everything else that starts. */
async function configClass(): Promise<typeof KubeConfig> {
  return (await import('@kubernetes/client-node/dist/config.js')).KubeConfig;
}

async function parseFile(file: string): Promise<KubeConfig> {
  const Config = await configClass();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new KubeconfigError(`The kubeconfig ${file} cannot be read: ${messageOf(cause)}.`);
  }
  const config = new Config();
  try {
    config.loadFromString(text);
    config.makePathsAbsolute(file.replace(/[^/]*$/, '') || '.');
  } catch (cause) {
    throw new KubeconfigError(`The kubeconfig ${file} is not valid: ${firstLine(messageOf(cause))}.`);
  }
  return config;
}

function clustersOf(configs: KubeConfig[], origin: string, Config: typeof KubeConfig): Kubeconfig {
  const contexts = new Map(
    configs.toReversed().flatMap((config) => config.contexts.map((it) => [it.name, it])),
  );
  const servers = new Map(
    configs.toReversed().flatMap((config) => config.clusters.map((it) => [it.name, it])),
  );
  const users = new Map(configs.toReversed().flatMap((config) => config.users.map((it) => [it.name, it])));
  const clusters: Cluster[] = [];
  for (const context of contexts.values()) {
    const server = servers.get(context.cluster);
    if (!server || !URL.canParse(server.server)) continue;
    const single = new Config();
    single.loadFromOptions({
      // Plain HTTP has no certificate to check; the package asks for this flag before it takes such a server.
      clusters: [{ ...server, skipTLSVerify: server.skipTLSVerify || server.server.startsWith('http:') }],
      // Without a user the package would leave out the server's CA as well.
      users: [users.get(context.user) ?? { name: context.user ?? '' }],
      contexts: [{ ...context, user: context.user ?? '' }],
      currentContext: context.name,
    });
    clusters.push(contextCluster(context.name, server.server, context.user ?? '', server, single));
  }
  const current = configs.find((config) => config.currentContext)?.currentContext;
  const first = clusters[0];
  if (!first) throw new KubeconfigError(`The kubeconfig ${origin} names no context with a cluster.`);
  return { clusters, current: clusters.some((it) => it.name === current) && current ? current : first.name };
}

function contextCluster(
  name: string,
  server: string,
  user: string,
  entry: ServerEntry,
  config: KubeConfig,
): Cluster {
  const { skipTLSVerify, proxyUrl } = entry;
  let cached: { at: number; credentials: Promise<Credentials> } | undefined;
  const ask = async (): Promise<Credentials> => {
    if (proxyUrl)
      throw new CredentialsError(`Context ${name} uses proxy-url, which Portlight does not support.`);
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (cause) {
      throw new CredentialsError(
        `The credentials of context ${name} cannot be had: ${firstLine(messageOf(cause))}`,
      );
    }
    return toCredentials(options, skipTLSVerify === true);
  };
  return {
    name,
    server: server.replace(/\/+$/, ''),
    user,
    insecure: skipTLSVerify === true,
    methods: plainMethods(['kubeconfig']),
    trust: () => trustOf(name, entry),
    credentials() {
      if (!cached || Date.now() - cached.at > CREDENTIALS_TTL_MS) {
        const credentials = ask();
        cached = { at: Date.now(), credentials };
        credentials.catch(() => this.forget());
      }
      return cached.credentials;
    },
    forget() {
      cached = undefined;
    },
  };
}

interface ServerEntry {
  skipTLSVerify?: boolean;
  proxyUrl?: string;
  caData?: string;
  caFile?: string;
  tlsServerName?: string;
}

function trustOf(context: string, { skipTLSVerify, caData, caFile, tlsServerName }: ServerEntry): ClusterTls {
  return {
    ...(caData
      ? { ca: Buffer.from(caData, 'base64') }
      : caFile
        ? { ca: readAuthority(context, caFile) }
        : {}),
    ...(tlsServerName ? { servername: tlsServerName } : {}),
    rejectUnauthorized: !skipTLSVerify,
  };
}

function readAuthority(context: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new CredentialsError(
      `The certificate authority of context ${context}, ${file}, cannot be read: ${firstLine(messageOf(cause))}.`,
    );
  }
}

function toCredentials(options: RequestOptions, insecure: boolean): Credentials {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value).trim();
  if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const { ca, cert, key, servername } = options;
  return {
    headers,
    tls: {
      ...(ca ? { ca: ca as Buffer } : {}),
      ...(cert ? { cert: cert as Buffer } : {}),
      ...(key ? { key: key as Buffer } : {}),
      ...(servername ? { servername } : {}),
      rejectUnauthorized: !insecure,
    },
  };
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const firstLine = (text: string): string => text.trim().split('\n')[0]?.replace(/\.$/, '') ?? '';
