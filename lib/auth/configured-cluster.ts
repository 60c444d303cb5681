import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Cluster, type ClusterTls, type Credentials, CredentialsError, shownProblem } from './cluster';
import { ConfigurationError, readClusterEntry } from './configuration';
import type { ClusterEntry } from './configuration-schema';
import { KubeconfigError, readKubeconfig } from './kubeconfig';
import { plainMethods, type SignInMethod } from './sign-in-method';

/** The cluster that an entry describes. When its files are unusable it is there all the same, with its problem. */
export async function configuredCluster(entry: ClusterEntry, signIn?: SignInMethod[]): Promise<Cluster> {
  const methods = entry.signIn ?? signIn;
  if (entry.kubeconfig) {
    const cluster = await contextOf(entry.name, entry.kubeconfig, entry.context, methods);
    return { ...cluster, ...ownSettings(entry) };
  }
  const cluster = addressedCluster(entry, methods ?? plainMethods(['token']));
  try {
    await cluster.credentials();
    return cluster;
  } catch (cause) {
    const { name, server, insecure } = cluster;
    return { ...brokenCluster(name, sentenceOf(cause), cluster.methods), server, insecure };
  }
}

/** A file of `--clusters DIR`: a kubeconfig, whose current context is meant, or one entry of a configuration. */
export async function clusterOfFile(file: string, name: string, signIn?: SignInMethod[]): Promise<Cluster> {
  try {
    return isKubeconfig(file)
      ? await contextOf(name, file, undefined, signIn)
      : await configuredCluster(readClusterEntry(file), signIn);
  } catch (cause) {
    if (!(cause instanceof ConfigurationError)) throw cause;
    return brokenCluster(name, cause.message, signIn ?? plainMethods(['token']));
  }
}

async function contextOf(
  name: string,
  file: string,
  context: string | undefined,
  signIn: SignInMethod[] | undefined,
): Promise<Cluster> {
  const methods = signIn ?? plainMethods(['kubeconfig']);
  try {
    const { clusters, current } = await readKubeconfig([file]);
    const found = clusters.find((cluster) => cluster.name === (context ?? current));
    if (found) return { ...found, name, methods };
    const names = clusters.map((cluster) => cluster.name).join(', ');
    return brokenCluster(name, `The kubeconfig ${file} has no context "${context}", only ${names}.`, methods);
  } catch (cause) {
    if (!(cause instanceof KubeconfigError)) throw cause;
    return brokenCluster(name, cause.message, methods);
  }
}

/** A cluster given by its address: it has no user of its own, everybody brings their credentials. */
function addressedCluster(entry: ClusterEntry, methods: SignInMethod[]): Cluster {
  const { name, server = '', insecureSkipTlsVerify: insecure, tlsServerName } = entry;
  const trust = (): ClusterTls => {
    const ca = authorityOf(entry);
    return {
      ...(ca ? { ca } : {}),
      ...(tlsServerName ? { servername: tlsServerName } : {}),
      rejectUnauthorized: !insecure,
    };
  };
  return {
    name,
    server: server.replace(/\/+$/, ''),
    user: '',
    insecure,
    methods,
    ...ownSettings(entry),
    trust,
    credentials: async (): Promise<Credentials> => ({ headers: {}, tls: trust() }),
    // The CA's file is read each time, so there is nothing to forget.
    forget() {},
  };
}

function ownSettings({ impersonation, reader }: ClusterEntry): Pick<Cluster, 'impersonation' | 'reader'> {
  return { ...(impersonation ? { impersonation } : {}), ...(reader === undefined ? {} : { reader }) };
}

/** Undefined means the authorities that Node trusts. */
function authorityOf({ name, caFile, caData }: ClusterEntry): string | undefined {
  if (!caFile && !caData) return undefined;
  const text = caFile ? readAuthority(name, caFile) : decoded(caData ?? '');
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  const where = caFile ?? 'caData';
  throw new CredentialsError(`The certificate authority of ${name} in ${where} is no PEM certificate.`);
}

function readAuthority(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new CredentialsError(`The certificate authority of ${name} in ${file} cannot be read (${code}).`);
  }
}

const decoded = (data: string): string =>
  data.includes('-----BEGIN') ? data : Buffer.from(data, 'base64').toString('utf8');

function brokenCluster(name: string, problem: string, methods: SignInMethod[]): Cluster {
  const fault = new CredentialsError(shownProblem({ problem, methods }));
  return {
    name,
    server: '',
    user: '',
    insecure: false,
    methods,
    problem,
    trust: () => {
      throw fault;
    },
    credentials: () => Promise.reject(fault),
    forget() {},
  };
}

/** What cannot be read or is no YAML counts as an entry, whose reader says what is wrong. */
function isKubeconfig(file: string): boolean {
  try {
    const value: unknown = parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null && ('contexts' in value || 'users' in value);
  } catch {
    return false;
  }
}

const sentenceOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
