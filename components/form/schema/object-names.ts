import { callApi } from '@/lib/k8s/request';
import { type Resource, resourcePath } from '@/lib/k8s/resource';

/** More names than anybody reads in a list; typing on narrows what shows, not what was asked. */
const MOST = 500;
const FRESH_MS = 15_000;

/** Metadata alone: no values of Secrets come into the page. */
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

interface NameList {
  metadata?: { continue?: string };
  items?: { metadata: { name: string; namespace?: string } }[];
}

export interface ObjectNames {
  names: string[];
  /** Not all there are. */
  isPart: boolean;
}

const asked = new Map<string, { at: number; answer: Promise<ObjectNames> }>();

/** The names of the objects of a kind, with the user's own rights. Undefined when they may not be listed. */
export async function objectNames(
  cluster: string,
  resource: Resource,
  namespace: string | undefined,
): Promise<ObjectNames | undefined> {
  if (resource.namespaced && !namespace) return undefined;
  const path = resourcePath(resource, namespace);
  const key = `${cluster} ${path}`;
  const known = asked.get(key);
  if (known && Date.now() - known.at < FRESH_MS) return known.answer.catch(() => undefined);
  const answer = callApi<NameList>(cluster, path, {
    query: { limit: String(MOST) },
    accept: METADATA,
  }).then(({ body }) => ({
    names: (body.items ?? []).map(({ metadata }) => metadata.name),
    isPart: Boolean(body.metadata?.continue),
  }));
  asked.set(key, { at: Date.now(), answer });
  return answer.catch(() => undefined);
}
