import { type ApiReply, type ApiRequest, callApi } from './request';
import type { Resource } from './resource';

/** A kind that the cluster serves, and what can be done with it. */
export interface ServedKind extends Resource {
  verbs: readonly string[];
  /** Whether this version is the one that the group prefers. */
  isPreferred: boolean;
}

interface AggregatedGroups {
  kind?: string;
  items?: {
    metadata?: { name?: string };
    versions?: {
      version: string;
      resources?: {
        resource: string;
        responseKind?: { kind?: string; group?: string; version?: string };
        scope?: string;
        verbs?: string[] | null;
      }[];
    }[];
  }[];
}

interface PlainGroups {
  groups?: { name: string; preferredVersion?: { version: string }; versions: { version: string }[] }[];
}

interface PlainResources {
  resources?: { name: string; kind: string; namespaced: boolean; verbs?: string[] | null }[];
}

export type KindsCall = <T>(cluster: string, path: string, request?: ApiRequest) => Promise<ApiReply<T>>;

/** One answer with everything (Kubernetes 1.30 and later); servers that do not know it list their groups. */
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

const FRESH_MS = 60_000;

const perCluster = new Map<string, { askedAt: number; answer: Promise<ServedKind[]> }>();

/** All kinds of a cluster, remembered for a minute. @throws ApiError when the cluster cannot be asked. */
export function servedKinds(cluster: string): Promise<ServedKind[]> {
  const known = perCluster.get(cluster);
  if (known && Date.now() - known.askedAt < FRESH_MS) return known.answer;
  const answer = readKinds(cluster, callApi);
  perCluster.set(cluster, { askedAt: Date.now(), answer });
  answer.catch(() => perCluster.delete(cluster));
  return answer;
}

/** Asks the cluster's discovery for all kinds in all versions. */
export async function readKinds(cluster: string, call: KindsCall): Promise<ServedKind[]> {
  const [core, groups] = await Promise.all([
    call<AggregatedGroups>(cluster, '/api', { accept: AGGREGATED }),
    call<AggregatedGroups & PlainGroups>(cluster, '/apis', { accept: AGGREGATED }),
  ]);
  if (groups.body.kind === 'APIGroupDiscoveryList') {
    return [...fromAggregated(core.body), ...fromAggregated(groups.body)];
  }
  const versions = (groups.body.groups ?? []).flatMap(({ name, versions, preferredVersion }) =>
    versions.map(({ version }) => ({
      group: name,
      version,
      isPreferred: version === (preferredVersion?.version ?? versions[0]?.version),
    })),
  );
  const lists = await Promise.all(
    [{ group: '', version: 'v1', isPreferred: true }, ...versions].map(async (each) => {
      const path = each.group ? `/apis/${each.group}/${each.version}` : `/api/${each.version}`;
      // A group whose server is away (metrics, for one) must not hide the others.
      const { body } = await call<PlainResources>(cluster, path).catch(() => ({
        body: {} as PlainResources,
      }));
      return (body.resources ?? [])
        .filter(({ name }) => !name.includes('/'))
        .map(({ name, kind, namespaced, verbs }) => ({
          ...each,
          plural: name,
          kind,
          namespaced,
          verbs: verbs ?? [],
        }));
    }),
  );
  return lists.flat();
}

function fromAggregated({ items = [] }: AggregatedGroups): ServedKind[] {
  return items.flatMap(({ metadata, versions = [] }) =>
    versions.flatMap(({ version, resources = [] }, index) =>
      resources.map(({ resource, responseKind, scope, verbs }) => ({
        group: metadata?.name ?? '',
        version,
        plural: resource,
        kind: responseKind?.kind ?? resource,
        namespaced: scope === 'Namespaced',
        // A kind that only others act for has no verbs at all, written as null.
        verbs: verbs ?? [],
        isPreferred: index === 0,
      })),
    ),
  );
}
