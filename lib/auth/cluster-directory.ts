import { statSync } from 'node:fs';
import type { Cluster, ClusterSource } from './cluster';
import { type Kubeconfig, KubeconfigError, readKubeconfig, readServiceAccount } from './kubeconfig';

const CHECK_EVERY_MS = 1_000;

/**
 * The clusters that this console serves, by name. Notices when the files behind it change: a sandbox writes a new
 * kubeconfig (other port, other CA) with every start, and people rotate theirs.
 */
export class ClusterDirectory {
  private known: Kubeconfig = { clusters: [], current: '' };
  private stamp = '';
  private checkedAt = 0;
  private reading: Promise<void> | undefined;

  private constructor(private readonly source: ClusterSource) {}

  /** @throws KubeconfigError when the source is unusable; a sandbox's missing file is waited for instead. */
  static async open(source: ClusterSource): Promise<ClusterDirectory> {
    const directory = new ClusterDirectory(source);
    directory.stamp = directory.stampNow();
    try {
      directory.known = await directory.read();
    } catch (cause) {
      if (source.kind !== 'sandbox') throw cause;
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

  /** The cluster of that name as its files say now; undefined when there is none. */
  async find(name: string): Promise<Cluster | undefined> {
    if (this.source.kind !== 'in-cluster' && Date.now() - this.checkedAt >= CHECK_EVERY_MS) {
      this.checkedAt = Date.now();
      if (this.stampNow() !== this.stamp) await this.reload();
    }
    return this.known.clusters.find((cluster) => cluster.name === name);
  }

  /** After a 401: drops cached credentials and looks at the files again. */
  async renew(cluster: Cluster): Promise<Cluster | undefined> {
    cluster.forget();
    this.checkedAt = 0;
    return this.find(cluster.name);
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
      this.known = await this.read();
      this.stamp = stamp;
    } catch (cause) {
      // Half written or gone for a moment: what was known stays, and the next look tries again.
      if (!(cause instanceof KubeconfigError)) throw cause;
    }
  }

  private read(): Promise<Kubeconfig> {
    switch (this.source.kind) {
      case 'kubeconfig':
        return readKubeconfig(this.source.files);
      case 'in-cluster':
        return readServiceAccount(this.source.name);
      case 'sandbox':
        return readKubeconfig([this.source.file]);
    }
  }

  private stampNow(): string {
    const { source } = this;
    if (source.kind === 'in-cluster') return '';
    const files = source.kind === 'sandbox' ? [source.file] : source.files;
    return files.map(stampOf).join(' ');
  }
}

function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}-${stat.size}-${stat.ino}` : 'none';
}
