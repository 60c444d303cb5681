import { isJsonObject, type JsonObject, mappingsAt, valueAt, wordAt } from '@/lib/k8s/json';
import type { K8sObject } from '@/lib/k8s/object';

/** The default for VM disks, which goes before the cluster's default (storage classes of KubeVirt's CDI). */
const VIRT_DEFAULT = 'storageclass.kubevirt.io/is-default-virt-class';
const DEFAULT = 'storageclass.kubernetes.io/is-default-class';

/** A storage class as one chooses it. */
export interface ClassOffer {
  name: string;
  provisioner: string;
  isDefault: boolean;
  canGrow: boolean;
  /** The volume is made only when a machine needs it, so that it comes to be where that runs. */
  waitsForConsumer: boolean;
}

/** Storage classes, the default first, then by name. */
export function classOffers(objects: readonly K8sObject[]): ClassOffer[] {
  const has = (key: string, { metadata }: K8sObject) => metadata.annotations?.[key] === 'true';
  const standard =
    objects.find((each) => has(VIRT_DEFAULT, each)) ?? objects.find((each) => has(DEFAULT, each));
  return objects
    .map((object) => ({
      name: object.metadata.name,
      provisioner: wordAt(object, ['provisioner']),
      isDefault: object === standard,
      canGrow: valueAt(object, ['allowVolumeExpansion']) === true,
      waitsForConsumer: wordAt(object, ['volumeBindingMode']) === 'WaitForFirstConsumer',
    }))
    .sort(
      (one, other) => Number(other.isDefault) - Number(one.isDefault) || one.name.localeCompare(other.name),
    );
}

/** How CDI would make a claim of a class: the first set of its storage profile. */
export interface ClaimShape {
  accessMode: string;
  volumeMode: string;
}

/** What a class can do, its default first; empty when its profile knows nothing. */
export function claimShapes(profile: JsonObject | K8sObject | undefined): ClaimShape[] {
  return mappingsAt(profile, ['status', 'claimPropertySets']).flatMap((set) => {
    const modes = valueAt(set, ['accessModes']);
    return (Array.isArray(modes) ? modes : []).flatMap((accessMode: unknown) =>
      typeof accessMode === 'string' ? [{ accessMode, volumeMode: wordAt(set, ['volumeMode']) }] : [],
    );
  });
}

/** How large a claim's volume is, or is asked to be; empty when it says nothing. */
export function claimSize(claim: K8sObject | undefined): string {
  return (
    wordAt(claim, ['status', 'capacity', 'storage']) ||
    wordAt(claim, ['spec', 'resources', 'requests', 'storage'])
  );
}

/** An image of the cluster: a DataSource. */
export interface DataSourceOffer {
  namespace: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  isReady: boolean;
  /** CDI's own words while it is not ready. */
  message: string;
  /** What it resolves to: a claim or a snapshot. */
  behind: { kind: 'pvc' | 'snapshot'; namespace: string; name: string } | undefined;
}

export function dataSourceOffer(object: K8sObject): DataSourceOffer {
  const { namespace = '', name, labels = {} } = object.metadata;
  const ready = mappingsAt(object, ['status', 'conditions']).find(({ type }) => type === 'Ready');
  return {
    namespace,
    name,
    labels,
    isReady: ready?.status === 'True',
    message: wordAt(ready, ['message']),
    behind: behindOf(object),
  };
}

function behindOf(object: K8sObject): DataSourceOffer['behind'] {
  // `status.source` is resolved; older CDIs have only what the spec says.
  for (const at of ['status', 'spec']) {
    const source = valueAt(object, [at, 'source']);
    if (!isJsonObject(source)) continue;
    for (const kind of ['pvc', 'snapshot'] as const) {
      const name = wordAt(source, [kind, 'name']);
      const namespace = wordAt(source, [kind, 'namespace']) || object.metadata.namespace || '';
      if (name) return { kind, namespace, name };
    }
  }
  return undefined;
}

/** Images as people look for them: those of the VM's own namespace first, those that can't be used yet last. */
export function imagesInOrder(offers: readonly DataSourceOffer[], namespace: string): DataSourceOffer[] {
  const rank = (offer: DataSourceOffer) => (offer.isReady ? 0 : 2) + (offer.namespace === namespace ? 0 : 1);
  return [...offers].sort(
    (one, other) =>
      rank(one) - rank(other) ||
      one.name.localeCompare(other.name, 'en', { numeric: true }) ||
      one.namespace.localeCompare(other.namespace),
  );
}
