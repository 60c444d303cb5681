import { CredentialsError } from '@/lib/auth/cluster';
import type { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { Reader } from '@/lib/auth/reader';
import { ApiError } from '@/lib/k8s/error';

/** The console's own identities, one for each cluster that has one, for the lists that viewers share. */
export class Readers {
  private readonly made = new WeakMap<object, Reader>();
  private readonly told = new Map<string, string>();

  constructor(
    private readonly directory: Pick<ClusterDirectory, 'find'>,
    private readonly log: (sentence: string) => void = console.warn,
  ) {}

  /** As the configuration says now; undefined where lists are read with everybody's own credentials. */
  async of(name: string): Promise<Reader | undefined> {
    const cluster = await this.directory.find(name);
    if (!cluster?.reader) return undefined;
    const made = this.made.get(cluster) ?? new Reader(cluster, cluster.reader);
    this.made.set(cluster, made);
    return made;
  }

  /**
   * A reader that cannot read is nobody's trouble but the operator's: it counts as refused, so that each viewer's list is
   * read with their own credentials. The log says why, once.
   */
  refusal(name: string, cause: unknown, request: { method: string; path: string }): ApiError {
    const why = cause instanceof CredentialsError || cause instanceof ApiError ? cause.message : '';
    const place = placeOf(name, request.path);
    const then = place.endsWith('/pods')
      ? 'What virtual machines use is not shown.'
      : "Everybody's own credentials are used in its place.";
    this.tell(place, `The reader of ${name} cannot list: ${why} ${then}`);
    const message = `The console itself may not list ${request.path.split('?', 1)[0]}.`;
    return new ApiError(403, 'Forbidden', message, request);
  }

  /** It works (again): what is wrong later is news. */
  works(name: string, path: string): void {
    this.told.delete(placeOf(name, path));
  }

  private tell(place: string, sentence: string): void {
    if (this.told.get(place) === sentence) return;
    this.told.set(place, sentence);
    this.log(sentence);
  }
}

/** The cluster and the resource; namespaces of one are told of together. */
function placeOf(name: string, path: string): string {
  return `${name} ${path.split('?', 1)[0]?.replace(/\/namespaces\/[^/]+/, '')}`;
}
