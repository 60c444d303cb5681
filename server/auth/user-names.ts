import { credentialsRefused } from '@/lib/auth/sign-in-needed';
import type { Viewer } from '@/lib/auth/viewer';
import { ApiError } from '@/lib/k8s/error';
import { SIGN_IN_NEEDED } from '@/lib/k8s/sign-in-needed';

const KEPT_MS = 60_000;
/** What went wrong is tried again sooner, and yet not by every request of a page. */
const FAILURE_KEPT_MS = 5_000;
const MAX_KEPT = 10_000;
/** A name is nice to have; nobody waits longer for it. */
const WAIT_MS = 2_000;

interface Known {
  askedAt: number;
  until: number;
  name: Promise<string | undefined>;
}

/** What clusters call those who bring a token with each request; each is asked once a minute. */
export class UserNames {
  private readonly known = new Map<string, Known>();

  /** @param ask the cluster, who a viewer is to it */
  constructor(private readonly ask: (viewer: Viewer) => Promise<{ username: string }>) {}

  /**
   * The viewer's name; undefined when the cluster cannot say.
   * @throws ApiError 401 `SignInNeeded` with the cluster's words when it does not take the token.
   */
  of(viewer: Viewer): Promise<string | undefined> {
    const now = Date.now();
    const known = this.known.get(viewer.key);
    if (known && known.until > now) return soon(known);
    const entry: Known = { askedAt: now, until: now + KEPT_MS, name: this.find(viewer) };
    const failed = () => {
      entry.until = Date.now() + FAILURE_KEPT_MS;
    };
    entry.name.then((name) => name === undefined && failed(), failed);
    this.known.delete(viewer.key);
    this.known.set(viewer.key, entry);
    if (this.known.size > MAX_KEPT) {
      const [oldest] = this.known.keys();
      if (oldest !== undefined) this.known.delete(oldest);
    }
    return soon(entry);
  }

  private async find(viewer: Viewer): Promise<string | undefined> {
    try {
      return (await this.ask(viewer)).username;
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      // A program gets the cluster's own answer to what it asks for.
      if (cause.code !== 401 || viewer.isProgram) return undefined;
      if (cause.reason === SIGN_IN_NEEDED) throw cause;
      throw credentialsRefused(viewer.cluster.name, cause.message, cause.request);
    }
  }
}

/** The name, or undefined when it does not come within the time that is left for it. */
async function soon({ askedAt, name }: Known): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, askedAt + WAIT_MS - Date.now()));
  });
  try {
    return await Promise.race([name, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
