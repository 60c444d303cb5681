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

interface ApiGroupList {
  groups?: { name: string; versions: { version: string }[] }[];
}

type Call = <T>(cluster: string, path: string) => Promise<ApiReply<T>>;

const FRESH_MS = 60_000;
const MISSING_FRESH_MS = 3_000;

interface Entry {
  askedAt: number;
  answer: Promise<unknown>;
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
    // The list of groups first: asking for one that is not there would be an error in the browser's log.
    const versions = group ? await this.#versions(group) : ['v1'];
    if (!versions) return { found: false, missing: 'group' };
    if (!versions.includes(version)) {
      const served = versions.map((each) => (group ? `${group}/${each}` : each));
      return { found: false, missing: 'version', versions: served };
    }
    const list = await this.#get<ApiResourceList>(group ? `/apis/${group}/${version}` : `/api/${version}`);
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

  async #versions(group: string): Promise<string[] | undefined> {
    const find = ({ groups = [] }: ApiGroupList) => groups.find(({ name }) => name === group);
    let known = find(await this.#get<ApiGroupList>('/apis'));
    // A group that is missing may have been installed just now.
    if (!known) known = find(await this.#get<ApiGroupList>('/apis', MISSING_FRESH_MS));
    return known?.versions.map(({ version }) => version);
  }

  #get<T>(path: string, freshMs = FRESH_MS): Promise<T> {
    const known = this.#entries.get(path);
    if (known && this.now() - known.askedAt < freshMs) return known.answer as Promise<T>;
    const answer = this.call<T>(this.cluster, path).then(({ body }) => body);
    this.#entries.set(path, { askedAt: this.now(), answer });
    answer.catch(() => this.#entries.delete(path));
    return answer;
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
