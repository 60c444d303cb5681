import type { SoakClient } from './client';
import { isOdd } from './manifests';

/** An object of a namespace that is to end. */
export interface Remains {
  path: string;
  deleting: boolean;
  finalizers: string[];
  owners: string[];
  revision: string;
}

interface Discovered {
  items: {
    metadata: { name?: string };
    versions: {
      version: string;
      /** Of something that has only subresources the verbs are null. */
      resources?: { resource: string; scope: string; verbs: string[] | null }[];
    }[];
  }[];
}

interface Listed {
  items?: {
    metadata: {
      name: string;
      resourceVersion: string;
      deletionTimestamp?: string;
      finalizers?: string[];
      ownerReferences?: { kind: string; name: string }[];
    };
  }[];
}

const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Everything in a namespace, of whatever kind the cluster has. */
export async function remainsOf(client: SoakClient, namespace: string): Promise<Remains[]> {
  const found: Remains[] = [];
  for (const collection of await collectionsIn(client, namespace)) {
    const { json } = await client.ask('GET', collection);
    for (const { metadata } of (json as Listed | undefined)?.items ?? []) {
      found.push({
        path: `${collection}/${metadata.name}`,
        deleting: metadata.deletionTimestamp !== undefined,
        finalizers: metadata.finalizers ?? [],
        owners: (metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind} ${name}`),
        revision: metadata.resourceVersion,
      });
    }
  }
  return found;
}

/**
 * Takes the finalizers away that clients have put on objects. A custom resource takes any qualified name for one,
 * "Not_A_Name" among them (apimachinery's ValidateFinalizerName; kube-apiserver warns about it), and nobody but who put
 * it there ever takes it away: with it the object, and its namespace, lawfully stay for ever.
 */
export async function release(client: SoakClient, namespace: string): Promise<void> {
  for (const { path, finalizers, revision } of await remainsOf(client, namespace)) {
    const kept = finalizers.filter((name) => !isOdd(name));
    if (kept.length === finalizers.length) continue;
    // With the version: a controller may be about to take its own away. The next look tries again.
    const metadata = { finalizers: kept, resourceVersion: revision };
    await client.ask('PATCH', path, { metadata }, 'application/merge-patch+json');
  }
}

async function collectionsIn(client: SoakClient, namespace: string): Promise<string[]> {
  const paths: string[] = [];
  for (const root of ['/api', '/apis']) {
    const { json } = await client.ask('GET', root, undefined, undefined, { accept: DISCOVERY });
    for (const { metadata, versions } of (json as unknown as Discovered).items) {
      // The first version is the preferred one.
      const { version, resources = [] } = versions[0] ?? { version: '' };
      const at = [root, ...(metadata.name ? [metadata.name] : []), version, 'namespaces', namespace].join(
        '/',
      );
      for (const { resource, scope, verbs } of resources) {
        if (scope === 'Namespaced' && verbs?.includes('list')) paths.push(`${at}/${resource}`);
      }
    }
  }
  return paths;
}
