import type { ImpersonationSettings } from './impersonation';
import { isSingleUser, type SignInMethod } from './sign-in-method';

/** TLS material of a connection to an API server. */
export interface ClusterTls {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  servername?: string;
  /** False only where the kubeconfig or the configuration itself says so. */
  rejectUnauthorized: boolean;
}

/** Headers by their names; a list is one header for each of its values. */
export type CredentialHeaders = Record<string, string | string[]>;

/** What a connection to a cluster's API needs: headers for every request, and the TLS material. */
export interface Credentials {
  /** Authorization, and Impersonate-… where a service account acts for somebody or the kubeconfig says `as`. */
  headers: CredentialHeaders;
  tls: ClusterTls;
}

/** Where the reader's credentials are (`reader` of the configuration). */
export interface ReaderSettings {
  /** Holds a bearer token; read at each use. */
  tokenFile?: string | undefined;
  /** The service account of the pod that the console runs in. */
  serviceAccount?: true | undefined;
  /** A context of a kubeconfig, by default its current one. */
  kubeconfig?: string | undefined;
  context?: string | undefined;
}

/** One context of a kubeconfig, an entry of the configuration, or the cluster that the console runs in. */
export interface Cluster {
  /** The context's or the entry's name; it stands in URLs. */
  name: string;
  /** Base URL of the API server, without a slash at the end. */
  server: string;
  /** The kubeconfig's name of the user; empty where there is none. */
  user: string;
  /** True when the kubeconfig or the configuration switches the check of the server's certificate off: shown, never silent. */
  insecure: boolean;
  /** The ways to sign in, at least one. `kubeconfig` alone: nobody signs in, the kubeconfig's user acts. */
  methods: SignInMethod[];
  /** How the console's service account acts for those who signed in where the cluster does not know them. */
  impersonation?: ImpersonationSettings;
  /** The console's own identity for the lists that viewers share; `false` where there is to be none. */
  reader?: ReaderSettings | false;
  /** Why it cannot be used as configured, in a sentence (a file is missing or broken); it is listed all the same. */
  problem?: string;
  /**
   * What is needed to trust its server, with nobody's own certificate or token: for those who sign in.
   * @throws CredentialsError when its certificate authority cannot be read.
   */
  trust(): ClusterTls;
  /**
   * Current credentials of the kubeconfig's user; may run an exec plugin or renew a token.
   * @throws CredentialsError in plain words.
   */
  credentials(): Promise<Credentials>;
  /** Forgets cached credentials after a 401, so that the next call asks anew. */
  forget(): void;
}

/**
 * What the pages say of a cluster's problem, also to those who are not signed in: paths of files are for whoever runs
 * the console, and stand in its log.
 */
export function shownProblem({ problem, methods }: Pick<Cluster, 'problem' | 'methods'>): string | undefined {
  if (!problem || isSingleUser(methods)) return problem;
  return 'Its configuration has a fault; the log of the console says which.';
}

/** The kubeconfig is there, and yet no credentials come out of it (exec plugin failed, file missing). */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

/** Where clusters come from. */
export type ClusterSource =
  | { kind: 'kubeconfig'; files: string[] }
  /** The service account that Kubernetes mounts into a pod. */
  | { kind: 'in-cluster'; name?: string }
  /** Every file in it is one cluster: a kubeconfig or an entry of a configuration (`--clusters DIR`). */
  | { kind: 'folder'; directory: string }
  /** The embedded sandbox's kubeconfig; the file may not be there yet, and changes with every sandbox start. */
  | { kind: 'sandbox'; file: string };
