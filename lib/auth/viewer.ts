import type { Cluster, Credentials } from './cluster';

/** Who asks, as one cluster knows them. Every call to the cluster on their behalf carries these credentials. */
export interface Viewer {
  cluster: Cluster;
  /** Equal only for requests that the cluster treats alike: feeds and access answers are shared by it. No secret. */
  key: string;
  /** As the cluster calls its user, as far as known: for the audit log and the page. */
  user: string | undefined;
  /** The id of the sign-in method. */
  method: string;
  /** A program that brings its own credentials with each request: the cluster's answers are for it to read, unchanged. */
  isProgram?: boolean;
  /** Whose lists all viewers of the cluster share, where the console has an identity of its own for them: a name, no credentials. */
  reader?: { cluster: { name: string }; key: string };
  /**
   * The user's own credentials as they are now, renewed if need be.
   * @throws CredentialsError when a kubeconfig gives none; ApiError 401 `SignInNeeded` when the session is over.
   */
  credentials(): Promise<Credentials>;
  /** After the cluster refused `refused` with 401: whether there are other credentials to try now. */
  renew(refused: Credentials): Promise<boolean>;
}
