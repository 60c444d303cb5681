import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { ClusterSource } from '@/lib/auth/cluster';
import { type Configuration, DEFAULT_CONFIGURATION, readConfiguration } from '@/lib/auth/configuration';
import type { SessionKeysSource } from '@/lib/auth/session-keys';
import { PLAIN_KINDS, plainMethods, type SignInMethod } from '@/lib/auth/sign-in-method';
import { TrustedProxies } from './client-address';
import type { HostRules } from './guard';

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

export interface ServerOptions {
  port: number;
  host: string;
  hosts: HostRules;
  /** `--allow-remote`: a kubeconfig's credentials may be used from other machines, by whoever has the start-up link. */
  allowRemote: boolean;
  /** Holds the token of that link; a new random one with each start by default. */
  startTokenFile?: string;
  dev: boolean;
  /** Where clusters come from beside those of the configuration; may be empty when that has some. */
  sources: ClusterSource[];
  /** The file of `--config`, already read once, so it was valid. */
  config?: string;
  /** `--sign-in`: the methods of every cluster that has no list of its own. */
  signIn?: SignInMethod[];
  /** The files of the certificate that this server shows; it speaks HTTPS then. */
  tls?: { cert: string; key: string };
  /** Addresses and ranges of reverse proxies whose X-Forwarded headers count. */
  trustedProxies: string[];
  /** A file, or `-` for standard output; no audit log without it. */
  auditLog?: string;
  /** The other replicas: `host:port`, or a name whose every address is one (PORTLIGHT_PEERS). */
  peers: string[];
  /** Master keys of the sessions, if given beside the configuration (PORTLIGHT_SESSION_KEYS, PORTLIGHT_SESSION_KEYS_FILE). */
  sessionKeys: SessionKeysSource;
}

/** An option that cannot be meant; the message is a sentence. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/**
 * Reads the server's options from its arguments, then from PORT, HOST, KUBECONFIG and PORTLIGHT_CONFIG. Which cluster
 * is meant is decided by the start script or by the configuration; run alone without either, the server needs to be
 * told.
 * @throws OptionError, ConfigurationError
 */
export function readOptions(args: string[], env: Record<string, string | undefined>): ServerOptions {
  const { values } = parseValues(args);
  const port = Number(values.port ?? (env.PORT || '3000'));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new OptionError(`"${values.port ?? env.PORT}" is not a port. A port is a number from 0 to 65535.`);
  }
  const host = values.host ?? (env.HOST || '127.0.0.1');
  const remote = !LOOPBACK.includes(host);
  const config = values.config ?? env.PORTLIGHT_CONFIG;
  const configuration = config ? readConfiguration(config) : DEFAULT_CONFIGURATION;
  const { publicUrl } = configuration;
  const names = [
    ...(values['allowed-host'] ?? []),
    ...(env.PORTLIGHT_ALLOWED_HOSTS ?? '').split(','),
    publicUrl ? new URL(publicUrl).hostname : '',
  ];
  const signIn = readSignIn(values['sign-in']);
  return {
    port,
    host,
    hosts: {
      names: [...names, remote ? host : ''].filter(Boolean).map((name) => name.toLowerCase()),
      remote,
    },
    allowRemote: values['allow-remote'] ?? false,
    ...(env.PORTLIGHT_START_TOKEN_FILE ? { startTokenFile: env.PORTLIGHT_START_TOKEN_FILE } : {}),
    dev: values.dev ?? false,
    sources: readSources(values, env, config ? configuration : undefined),
    ...(config ? { config } : {}),
    ...(signIn ? { signIn } : {}),
    ...readTls(values, env),
    trustedProxies: readTrustedProxies(values, env),
    ...readAuditLog(values, env),
    peers: (env.PORTLIGHT_PEERS ?? '')
      .split(',')
      .map((peer) => peer.trim())
      .filter(Boolean),
    sessionKeys: { text: env.PORTLIGHT_SESSION_KEYS, file: env.PORTLIGHT_SESSION_KEYS_FILE },
  };
}

function parseValues(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        'allow-remote': { type: 'boolean' },
        'allowed-host': { type: 'string', multiple: true },
        'tls-cert': { type: 'string' },
        'tls-key': { type: 'string' },
        'audit-log': { type: 'string' },
        'trusted-proxy': { type: 'string', multiple: true },
        dev: { type: 'boolean' },
        config: { type: 'string' },
        clusters: { type: 'string' },
        'sign-in': { type: 'string', multiple: true },
        kubeconfig: { type: 'string' },
        'in-cluster': { type: 'boolean' },
        'sandbox-kubeconfig': { type: 'string' },
      },
    });
  } catch (cause) {
    throw new OptionError(cause instanceof Error ? cause.message : String(cause));
  }
}

type Values = ReturnType<typeof parseValues>['values'];
type Environment = Record<string, string | undefined>;

function readTls(values: Values, env: Environment): Pick<ServerOptions, 'tls'> {
  const cert = values['tls-cert'] ?? env.PORTLIGHT_TLS_CERT;
  const key = values['tls-key'] ?? env.PORTLIGHT_TLS_KEY;
  if (!cert && !key) return {};
  if (!cert || !key) throw new OptionError('TLS needs two files: --tls-cert FILE and --tls-key FILE.');
  return { tls: { cert, key } };
}

function readAuditLog(values: Values, env: Environment): Pick<ServerOptions, 'auditLog'> {
  const auditLog = values['audit-log'] ?? env.PORTLIGHT_AUDIT_LOG;
  return auditLog ? { auditLog } : {};
}

function readTrustedProxies(values: Values, env: Environment): string[] {
  const named = [...(values['trusted-proxy'] ?? []), ...(env.PORTLIGHT_TRUSTED_PROXIES ?? '').split(',')];
  const ranges = named.map((range) => range.trim()).filter(Boolean);
  try {
    new TrustedProxies(ranges);
    return ranges;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new OptionError(`"${cause.message}" is no address and no range of addresses such as 10.0.0.0/8.`);
  }
}

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** What is named counts, all of it. A configuration that names no cluster, alone, means what is at hand. */
function readSources(
  values: ReturnType<typeof parseValues>['values'],
  env: Record<string, string | undefined>,
  configuration: Configuration | undefined,
): ClusterSource[] {
  const sources: ClusterSource[] = [];
  const sandbox = values['sandbox-kubeconfig'];
  if (sandbox) sources.push({ kind: 'sandbox', file: sandbox });
  if (values['in-cluster']) sources.push({ kind: 'in-cluster' });
  if (values.kubeconfig) sources.push(...kubeconfigSource(values.kubeconfig));
  if (values.clusters) sources.push({ kind: 'folder', directory: path.resolve(values.clusters) });
  if (sources.length > 0 || configuration?.clusters?.length) return sources;
  if (env.KUBECONFIG) return kubeconfigSource(env.KUBECONFIG);
  if (configuration && env.KUBERNETES_SERVICE_HOST && existsSync(SERVICE_ACCOUNT_TOKEN))
    return [{ kind: 'in-cluster' }];
  const own = path.join(env.HOME ?? '', '.kube', 'config');
  if (configuration && existsSync(own)) return kubeconfigSource(own);
  throw new OptionError(
    configuration
      ? 'The configuration names no clusters, and there is no kubeconfig either. Add clusters to it, or --kubeconfig FILE.'
      : 'Say which cluster: --kubeconfig FILE, --config FILE, --clusters DIRECTORY, --in-cluster or --sandbox-kubeconfig FILE.',
  );
}

function kubeconfigSource(list: string): ClusterSource[] {
  const files = list.split(path.delimiter).filter(Boolean);
  return files.length > 0 ? [{ kind: 'kubeconfig', files }] : [];
}

function readSignIn(kinds: string[] | undefined): SignInMethod[] | undefined {
  if (!kinds) return undefined;
  return plainMethods(
    kinds.map((word) => {
      const kind = PLAIN_KINDS.find((known) => known === word);
      if (kind) return kind;
      throw new OptionError(
        `--sign-in takes ${PLAIN_KINDS.join(' or ')}, not "${word}". Ways with settings stand in a configuration: --config FILE.`,
      );
    }),
  );
}
