import { isDeepStrictEqual } from 'node:util';
import type { ClusterApi, KubeObject, NewObject } from '../api/objects';
import { clusterInstancetypes, clusterPreferences } from '../instancetype/catalogue';
import { WorkQueue } from './work-queue';

const KUBEVIRTS = 'kubevirts.kubevirt.io';
const GROUP = 'instancetype.kubevirt.io';
const CATALOGUE = [
  { resource: `virtualmachineclusterinstancetypes.${GROUP}`, wanted: clusterInstancetypes },
  { resource: `virtualmachineclusterpreferences.${GROUP}`, wanted: clusterPreferences },
] as const;
const KEY = 'catalogue';

interface KubeVirt extends KubeObject {
  spec?: { configuration?: { commonInstancetypesDeployment?: { enabled?: boolean } } };
}

/**
 * The part of virt-operator that deploys the common instance types and preferences: it puts back what was deleted or
 * edited, and takes them away when the KubeVirt resource says so.
 */
export class CommonInstancetypes {
  private readonly queue = new WorkQueue('common instance types', () => syncCatalogue(this.cluster));
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    const look = () => this.queue.add(KEY);
    this.stops = [KUBEVIRTS, ...CATALOGUE.map(({ resource }) => resource)].map((resource) =>
      cluster.watch(resource, look),
    );
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }
}

/** Makes the catalogue what KubeVirt's resource asks for; without one there is nobody to deploy it. */
export function syncCatalogue(cluster: ClusterApi): void {
  const kubevirt = cluster.list<KubeVirt>(KUBEVIRTS)[0];
  if (!kubevirt) return;
  const deploys = kubevirt.spec?.configuration?.commonInstancetypesDeployment?.enabled ?? true;
  for (const { resource, wanted } of CATALOGUE) {
    for (const draft of wanted(kubevirt.metadata.generation ?? 1)) {
      if (deploys) deploy(cluster, resource, draft);
      else withdraw(cluster, resource, draft);
    }
  }
}

function deploy(cluster: ClusterApi, resource: string, draft: NewObject): void {
  const { name = '', labels, annotations } = draft.metadata;
  const found = cluster.get(resource, undefined, name);
  if (!found) {
    cluster.create(resource, draft);
    return;
  }
  if (found.metadata.deletionTimestamp || isAsDeployed(found, draft)) return;
  cluster.update(resource, undefined, name, (object) => {
    object.metadata.labels = { ...object.metadata.labels, ...labels };
    object.metadata.annotations = { ...object.metadata.annotations, ...annotations };
    object.spec = structuredClone(draft.spec);
  });
}

/** Labels and annotations that others added are no matter. */
function isAsDeployed({ metadata, spec }: KubeObject, draft: NewObject): boolean {
  return (
    isDeepStrictEqual(spec, draft.spec) &&
    contains(metadata.labels, draft.metadata.labels) &&
    contains(metadata.annotations, draft.metadata.annotations)
  );
}

function contains(has: Record<string, string> = {}, wants: Record<string, string> = {}): boolean {
  return Object.entries(wants).every(([key, value]) => has[key] === value);
}

function withdraw(cluster: ClusterApi, resource: string, { metadata: { name = '' } }: NewObject): void {
  const found = cluster.get(resource, undefined, name);
  if (found?.metadata.labels?.['app.kubernetes.io/managed-by'] !== 'virt-operator') return;
  cluster.delete(resource, undefined, name);
}
