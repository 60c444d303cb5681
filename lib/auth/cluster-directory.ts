import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Cluster, ClusterSource } from './cluster';
import { withImpersonation } from './common-impersonation';
import { POD_READER, withReader } from './common-reader';
import {
  type Configuration,
  ConfigurationError,
  DEFAULT_CONFIGURATION,
  readConfiguration,
} from './configuration';
import { clusterOfFile, configuredCluster } from './configured-cluster';
import { type Kubeconfig, KubeconfigError, readKubeconfig, readServiceAccount } from './kubeconfig';
import { isSingleUser, plainMethods, type SignInMethod } from './sign-in-method';

const CHECK_EVERY_MS = 1_000;

export interface DirectoryOptions {
  /** The file of `--config`; its clusters come before those of the sources. */
  config?: string | undefined;
  /** `--sign-in`: takes the place of the configuration's common list and of the sources' own defaults. */
  signIn?: SignInMethod[] | undefined;
  /** Takes sentences for whoever runs the console; default: standard error. */
  log?: (sentence: string) => void;
}

/**
 * The clusters that this console serves, by name. Notices when the files behind it change: a sandbox writes a new
 * kubeconfig (other port, other CA) with every start, and people rotate theirs. What was known stays while a file is
 * broken.
 */
export class ClusterDirectory {
  private known: Kubeconfig = { clusters: [], current: '' };
  private settings = DEFAULT_CONFIGURATION;
  private stamp = '';
  private checkedAt = 0;
  private lastProblem = '';
  private reading: Promise<void> | undefined;

  private constructor(
    private readonly sources: ClusterSource[],
    private readonly options: DirectoryOptions,
  ) {}

  /** @throws KubeconfigError or ConfigurationError when a source is unusable; a sandbox's missing file is waited for. */
  static async open(
    sources: ClusterSource | ClusterSource[],
    options: DirectoryOptions = {},
  ): Promise<ClusterDirectory> {
    const directory = new ClusterDirectory([sources].flat(), options);
    directory.stamp = directory.stampNow();
    try {
      await directory.read();
    } catch (cause) {
      if (!directory.isSandbox() || !(cause instanceof KubeconfigError)) throw cause;
      directory.stamp = '';
    }
    return directory;
  }

  list(): Cluster[] {
    return this.known.clusters;
  }

  /** The name of the current context; empty while the sandbox has not written its kubeconfig. */
  current(): string {
    return this.known.current;
  }

  /** The configuration as its file says now, or its defaults when there is none. */
  configuration(): Configuration {
    return this.settings;
  }

  /** The cluster of that name as its files say now; undefined when there is none. */
  async find(name: string): Promise<Cluster | undefined> {
    await this.look();
    return this.known.clusters.find((cluster) => cluster.name === name);
  }

  /** After a 401: drops cached credentials and looks at the files again. */
  async renew(cluster: Cluster): Promise<Cluster | undefined> {
    cluster.forget();
    this.checkedAt = 0;
    return this.find(cluster.name);
  }

  /** Reads again what has changed; at most once a second. */
  async look(): Promise<void> {
    if (Date.now() - this.checkedAt < CHECK_EVERY_MS) return;
    this.checkedAt = Date.now();
    if (this.stampNow() !== this.stamp) await this.reload();
  }

  /** Looks every other second without being asked, so that the log tells of a broken file. Returns what ends it. */
  watch(): () => void {
    const look = () => this.look().catch((cause: unknown) => this.report(String(cause)));
    const timer = setInterval(() => void look(), 2 * CHECK_EVERY_MS).unref();
    return () => clearInterval(timer);
  }

  private reload(): Promise<void> {
    this.reading ??= this.readAgain().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readAgain(): Promise<void> {
    const stamp = this.stampNow();
    try {
      await this.read();
      this.stamp = stamp;
      this.lastProblem = '';
    } catch (cause) {
      // Half written or gone for a moment: what was known stays, and the next look tries again.
      if (!(cause instanceof KubeconfigError || cause instanceof ConfigurationError)) throw cause;
      // A sandbox that starts again is news to nobody.
      if (cause instanceof KubeconfigError && this.isSandbox()) return;
      this.report(`${cause.message}\nWhat was configured before stays in use.`);
    }
  }

  private isSandbox(): boolean {
    return this.sources.some(({ kind }) => kind === 'sandbox');
  }

  private report(sentence: string): void {
    if (sentence === this.lastProblem) return;
    this.lastProblem = sentence;
    this.log(sentence);
  }

  private log(sentence: string): void {
    (this.options.log ?? console.warn)(sentence);
  }

  /** Takes all of it or nothing. */
  private async read(): Promise<void> {
    const { config, signIn } = this.options;
    const settings = config ? readConfiguration(config) : DEFAULT_CONFIGURATION;
    const methods = signIn ?? settings.signIn;
    const configured = await Promise.all(
      (settings.clusters ?? []).map((entry) => configuredCluster(entry, methods)),
    );
    const parts: Part[] = [
      { origin: config ?? '', clusters: configured, current: configured[0]?.name ?? '' },
      ...(await Promise.all(this.sources.map((source) => readSource(source, methods)))),
    ];
    const { clusters, current } = merge(parts);
    for (const { name, problem } of clusters) {
      const before = this.known.clusters.find((cluster) => cluster.name === name)?.problem;
      if (problem && problem !== before) this.log(`The cluster ${name} cannot be used: ${problem}`);
    }
    const complete = withReader(withImpersonation(clusters, settings.impersonation), settings.reader);
    this.known = { clusters: complete, current };
    this.settings = settings;
  }

  private stampNow(): string {
    const { config } = this.options;
    const files = this.sources.flatMap(watchedFiles);
    const named = (this.settings.clusters ?? []).flatMap(({ kubeconfig, caFile }) => [kubeconfig, caFile]);
    return [config, ...named, ...files].map((file) => (file ? `${file} ${stampOf(file)}` : '')).join('\n');
  }
}

interface Part extends Kubeconfig {
  /** The file or folder, for messages. */
  origin: string;
}

async function readSource(source: ClusterSource, signIn: SignInMethod[] | undefined): Promise<Part> {
  if (source.kind === 'folder') return readFolder(source.directory, signIn);
  const origin = filesOf(source).join(', ') || "the pod's service account";
  const { clusters: contexts, current } = await readContexts(source);
  const isPods = source.kind === 'in-cluster' && !(signIn && isSingleUser(signIn));
  const clusters = isPods ? contexts.map((cluster) => ({ ...cluster, reader: POD_READER })) : contexts;
  if (!signIn && source.kind === 'in-cluster') {
    // The rights of the console's own service account are nobody's unless the configuration says so.
    const methods = plainMethods(['token']);
    return { origin, clusters: clusters.map((cluster) => ({ ...cluster, methods })), current };
  }
  if (!signIn) return { origin, clusters, current };
  const offered = isSingleUser(signIn) ? clusters : serversOf(clusters, current);
  return { origin, clusters: offered.map((cluster) => ({ ...cluster, methods: signIn })), current };
}

/**
 * Where people sign in, contexts of the same server differ in nothing: one of each is left, the current one if it is
 * among them.
 */
function serversOf(clusters: Cluster[], current: string): Cluster[] {
  const servers = new Map<string, Cluster>();
  for (const cluster of clusters) {
    if (!servers.has(cluster.server) || cluster.name === current) servers.set(cluster.server, cluster);
  }
  return [...servers.values()];
}

async function readContexts(source: Exclude<ClusterSource, { kind: 'folder' }>): Promise<Kubeconfig> {
  switch (source.kind) {
    case 'kubeconfig':
      return readKubeconfig(source.files);
    case 'in-cluster':
      return readServiceAccount(source.name);
    case 'sandbox':
      return readKubeconfig([source.file]);
  }
}

async function readFolder(directory: string, signIn: SignInMethod[] | undefined): Promise<Part> {
  const files = filesOf({ kind: 'folder', directory });
  const clusters = await Promise.all(
    files.map((file) => clusterOfFile(file, path.basename(file).replace(/\.[^.]+$/, ''), signIn)),
  );
  return { origin: directory, clusters, current: clusters[0]?.name ?? '' };
}

/** @throws ConfigurationError when two sources call a cluster the same: a URL must mean one of them. */
function merge(parts: Part[]): Kubeconfig {
  const origins = new Map<string, string>();
  const clusters = parts.flatMap((part) => part.clusters.map((cluster) => ({ cluster, part })));
  for (const { cluster, part } of clusters) {
    const other = origins.get(cluster.name);
    if (other !== undefined) {
      const where = other === part.origin ? `twice in ${other}` : `in ${other} and in ${part.origin}`;
      throw new ConfigurationError(
        `A cluster "${cluster.name}" stands ${where}. Give one of them another name: names stand in addresses.`,
      );
    }
    origins.set(cluster.name, part.origin);
  }
  return {
    clusters: clusters.map(({ cluster }) => cluster),
    current: parts.find(({ current }) => current)?.current ?? '',
  };
}

/** Kubernetes mounts files as links into a folder `..data`, which it swaps: names with a dot are not clusters. */
function filesOf(source: ClusterSource): string[] {
  switch (source.kind) {
    case 'kubeconfig':
      return source.files;
    case 'sandbox':
      return [source.file];
    case 'in-cluster':
      return [];
    case 'folder':
      return namesIn(source.directory)
        .filter((name) => !name.startsWith('.'))
        .map((name) => path.join(source.directory, name))
        .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  }
}

/** A folder that is gone for a moment has no files to watch; reading it is what says so. */
function watchedFiles(source: ClusterSource): string[] {
  try {
    return filesOf(source);
  } catch {
    return [];
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new ConfigurationError(`The folder of clusters ${directory} cannot be read (${code}).`);
  }
}

function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}-${stat.size}-${stat.ino}` : 'none';
}
