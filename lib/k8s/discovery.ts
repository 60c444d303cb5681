import { ApiError } from './error';
import { type ApiReply, callApi } from './request';
import type { Resource } from './resource';

/** What the cluster serves for an `apiVersion` and `kind`. */
export type Found =
  | { found: true; resource: Resource }
  /** The kind is not in this group and version; `similar` names kinds of it that are spelt almost so. */
  | { found: false; missing: 'kind'; similar: string[] }
  /** The group is served, but not in this version; `versions` are. */
  | { found: false; missing: 'version'; versions: string[] }
  | { found: false; missing: 'group' };

interface ApiResourceList {
  resources?: { name: string; kind: string; namespaced: boolean; verbs?: string[] }[];
}

interface ApiGroup {
  versions?: { version: string }[];
}

type Call = <T>(cluster: string, path: string) => Promise<ApiReply<T>>;

const FRESH_MS = 60_000;
/** A kind that is missing may be installed any moment. */
const MISSING_FRESH_MS = 3_000;

interface Entry {
  until: number;
  list: Promise<ApiResourceList | undefined>;
}

/** Answers which resource serves a kind, from the cluster's own discovery, remembered for a minute. */
export class Discovery {
  readonly #entries = new Map<string, Entry>();

  constructor(
    readonly cluster: string,
    readonly call: Call = callApi,
    readonly now: () => number = Date.now,
  ) {}

  /** @throws ApiError when the cluster cannot be asked. */
  async find(apiVersion: string, kind: string): Promise<Found> {
    const [group, version] = splitApiVersion(apiVersion);
    const list = await this.#resources(group, version);
    if (!list) {
      const versions = group ? await this.#versions(group) : ['v1'];
      return versions ? { found: false, missing: 'version', versions } : { found: false, missing: 'group' };
    }
    // Subresources (`virtualmachines/status`) stand in the same list.
    const resources = (list.resources ?? []).filter(({ name }) => !name.includes('/'));
    const match = resources.find((resource) => resource.kind === kind);
    if (match) {
      const { name: plural, namespaced } = match;
      return { found: true, resource: { group, version, plural, kind, namespaced } };
    }
    const kinds = [...new Set(resources.map((resource) => resource.kind))];
    return { found: false, missing: 'kind', similar: similarTo(kind, kinds) };
  }

  #resources(group: string, version: string): Promise<ApiResourceList | undefined> {
    const path = group ? `/apis/${group}/${version}` : `/api/${version}`;
    const known = this.#entries.get(path);
    if (known && known.until > this.now()) return known.list;
    const list = this.#get<ApiResourceList>(path);
    const entry: Entry = { until: this.now() + FRESH_MS, list };
    this.#entries.set(path, entry);
    list.then(
      (answer) => {
        if (!answer) entry.until = this.now() + MISSING_FRESH_MS;
      },
      () => this.#entries.delete(path),
    );
    return list;
  }

  async #versions(group: string): Promise<string[] | undefined> {
    const answer = await this.#get<ApiGroup>(`/apis/${group}`);
    return answer?.versions?.map(({ version }) => `${group}/${version}`);
  }

  async #get<T>(path: string): Promise<T | undefined> {
    try {
      return (await this.call<T>(this.cluster, path)).body;
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }
}

const perCluster = new Map<string, Discovery>();

/** The discovery of a cluster, shared by all of a page. */
export function discoveryOf(cluster: string): Discovery {
  const known = perCluster.get(cluster) ?? new Discovery(cluster);
  perCluster.set(cluster, known);
  return known;
}

function splitApiVersion(apiVersion: string): [group: string, version: string] {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? ['', first] : [first, second];
}

function similarTo(kind: string, kinds: readonly string[]): string[] {
  return kinds
    .map((candidate) => ({ candidate, distance: distance(kind.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(kind.length / 4)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitute));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
