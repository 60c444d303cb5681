import { readFile } from 'node:fs/promises';
import { type Cluster, type Credentials, CredentialsError, type ReaderSettings } from './cluster';
import { POD_TOKEN_FILE } from './configuration-schema';
import { KubeconfigError, readKubeconfig } from './kubeconfig';

/** A call that is not the reader's to make; the message is for developers, since nobody can bring it about. */
export class NotForReader extends Error {
  override readonly name = 'NotForReader';
}

/** Lists of what every viewer's list of VMs is made of: VMs, VMIs and what pods use; in a namespace or in all. */
const LISTS =
  /^\/apis\/(kubevirt\.io\/v\w+\/(namespaces\/[a-z0-9][a-z0-9.-]*\/)?virtualmachine(instance)?s|metrics\.k8s\.io\/v\w+\/(namespaces\/[a-z0-9][a-z0-9.-]*\/)?pods)$/;
/** Nothing that picks one object out. */
const PARAMETERS = new Set([
  'allowWatchBookmarks',
  'continue',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'timeoutSeconds',
  'watch',
]);
const CONTEXT_KEPT_MS = 30_000;

/**
 * The console's own identity on one cluster, for lists that all viewers share. It is no Viewer, and its credentials are
 * not to be had without saying what for: proxy, relay, reviews and actions cannot use it even by mistake.
 */
export class Reader {
  readonly #settings: ReaderSettings;
  #context: { at: number; cluster: Promise<Cluster> } | undefined;

  constructor(
    readonly cluster: Cluster,
    settings: ReaderSettings,
  ) {
    this.#settings = settings;
  }

  /**
   * Credentials for one request.
   * @param path below the API server's root, with its query
   * @throws NotForReader for anything but a list or watch of what the VM list shows; CredentialsError in plain words
   */
  async credentialsFor(method: string, path: string): Promise<Credentials> {
    if (!isReadersRequest(method, path)) throw new NotForReader(`The reader does not ask ${method} ${path}.`);
    const { tokenFile, serviceAccount, kubeconfig, context } = this.#settings;
    if (kubeconfig) return this.#ofContext(kubeconfig, context);
    const file = tokenFile ?? (serviceAccount ? POD_TOKEN_FILE : undefined);
    if (!file) throw new CredentialsError(`The reader of ${this.cluster.name} has no credentials.`);
    return { headers: { Authorization: `Bearer ${await readToken(file)}` }, tls: this.cluster.trust() };
  }

  /** After a 401: whether there are other credentials to try now. */
  async renew(refused: Credentials, method: string, path: string): Promise<boolean> {
    const cluster = await this.#context?.cluster.catch(() => undefined);
    cluster?.forget();
    this.#context = undefined;
    const fresh = await this.credentialsFor(method, path).catch(() => undefined);
    return fresh !== undefined && JSON.stringify(fresh) !== JSON.stringify(refused);
  }

  async #ofContext(file: string, name: string | undefined): Promise<Credentials> {
    const now = Date.now();
    if (!this.#context || now - this.#context.at > CONTEXT_KEPT_MS) {
      this.#context = { at: now, cluster: contextOf(this.cluster, file, name) };
      this.#context.cluster.catch(() => (this.#context = undefined));
    }
    const { headers, tls } = await (await this.#context.cluster).credentials();
    const { cert, key } = tls;
    // Who the server has to be is for the cluster's own settings to say.
    return { headers, tls: { ...this.cluster.trust(), ...(cert ? { cert } : {}), ...(key ? { key } : {}) } };
  }
}

/** Whether a request lists or watches what every viewer's list of VMs is made of. */
export function isReadersRequest(method: string, path: string): boolean {
  const at = path.indexOf('?');
  const where = at < 0 ? path : path.slice(0, at);
  const names = at < 0 ? [] : [...new URLSearchParams(path.slice(at)).keys()];
  return method === 'GET' && LISTS.test(where) && names.every((name) => PARAMETERS.has(name));
}

/** @throws CredentialsError unless the context is one of the same API server: its rows would be another cluster's. */
async function contextOf(cluster: Cluster, file: string, name: string | undefined): Promise<Cluster> {
  const { clusters, current } = await readKubeconfig([file]).catch((cause: unknown) => {
    if (cause instanceof KubeconfigError) throw new CredentialsError(cause.message);
    throw cause;
  });
  const found = clusters.find((each) => each.name === (name ?? current));
  if (!found) throw new CredentialsError(`The kubeconfig ${file} has no context "${name}" for the reader.`);
  if (found.server === cluster.server) return found;
  throw new CredentialsError(
    `The reader's context ${found.name} in ${file} is of ${found.server}, not of ${cluster.server}.`,
  );
}

/** Kubernetes puts a new token into the file every hour or so. */
async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CredentialsError(`The reader's token in ${file} cannot be read (${cause.code}).`);
  });
  const token = text.trim();
  if (/^[\w\-.~+/]+=*$/.test(token)) return token;
  throw new CredentialsError(`The file ${file} holds no token for the reader.`);
}
