import { notFound } from '../api/errors';
import type { ClusterApi, KubeObject } from '../api/objects';
import type { Aspect, SizedMachine } from './types';

const LABEL = 'instancetype.kubevirt.io/default-';

/** A failure that `inferFromVolumeFailurePolicy: Ignore` forgives. */
export class IgnorableInferenceError extends Error {}

interface DataVolumeSpec {
  source?: { pvc?: { name: string; namespace: string }; [kind: string]: unknown };
  sourceRef?: { kind: string; name: string; namespace?: string };
}

interface DataSource extends KubeObject {
  spec: { source?: { pvc?: { name: string; namespace: string } } };
}

/**
 * Replaces `inferFromVolume` by the name and kind that the volume's labels give, in place. Mirrors KubeVirt's inference
 * from PVCs, DataVolumes, DataVolume templates and DataSources. Ignored failures remove the reference.
 * @throws Error in KubeVirt's words.
 */
export function inferReference(cluster: ClusterApi, vm: SizedMachine, aspect: Aspect): void {
  const matcher = vm.spec[aspect];
  if (!matcher?.inferFromVolume) return;
  const ignores = matcher.inferFromVolumeFailurePolicy === 'Ignore';
  try {
    const labels = new Inference(cluster, vm, aspect).fromVolume(matcher.inferFromVolume);
    const kind = labels[`${LABEL}${aspect}-kind`];
    if (ignores && aspect === 'instancetype') delete vm.spec.template.spec.domain.memory;
    vm.spec[aspect] = { name: labels[`${LABEL}${aspect}`] ?? '', ...(kind ? { kind } : {}) };
  } catch (error) {
    if (!ignores || !(error instanceof IgnorableInferenceError)) throw error;
    delete vm.spec[aspect];
  }
}

/** One look-up: each step returns the labels that name the default, from the nearest object that has them. */
class Inference {
  constructor(
    private readonly cluster: ClusterApi,
    private readonly vm: SizedMachine,
    private readonly aspect: Aspect,
  ) {}

  fromVolume(name: string): Record<string, string> {
    const volume = this.vm.spec.template.spec.volumes?.find((candidate) => candidate.name === name);
    if (!volume) throw new Error(`unable to find volume ${name} to infer defaults`);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim) return this.fromClaim(claim, this.vm.metadata.namespace);
    if (volume.dataVolume) return this.fromDataVolume(volume.dataVolume.name);
    throw new IgnorableInferenceError(
      `unable to infer defaults from volume ${name} as type is not supported`,
    );
  }

  private fromDataVolume(name: string): Record<string, string> {
    const template = this.vm.spec.dataVolumeTemplates?.find(({ metadata }) => metadata?.name === name);
    // The schema check came before; the published type of a source has no index signature.
    if (template) return this.fromDataVolumeSpec(template.spec as DataVolumeSpec);
    const found = this.cluster.get<KubeObject & { spec: DataVolumeSpec }>(
      'datavolumes.cdi.kubevirt.io',
      this.vm.metadata.namespace,
      name,
    );
    // CDI may have collected the finished DataVolume; its claim has the same name.
    if (!found) return this.fromClaim(name, this.vm.metadata.namespace);
    return this.hasDefault(found) ? (found.metadata.labels ?? {}) : this.fromDataVolumeSpec(found.spec);
  }

  private fromDataVolumeSpec({ source, sourceRef }: DataVolumeSpec): Record<string, string> {
    if (source?.pvc) return this.fromClaim(source.pvc.name, source.pvc.namespace);
    if (!sourceRef) {
      throw new IgnorableInferenceError(
        'unable to infer defaults from DataVolumeSpec as DataVolumeSource is not supported',
      );
    }
    if (sourceRef.kind !== 'DataSource') {
      throw new IgnorableInferenceError(
        `unable to infer defaults from DataVolumeSourceRef as Kind ${sourceRef.kind} is not supported`,
      );
    }
    return this.fromDataSource(sourceRef.name, sourceRef.namespace ?? this.vm.metadata.namespace);
  }

  private fromDataSource(name: string, namespace: string | undefined): Record<string, string> {
    const found = this.cluster.get<DataSource>('datasources.cdi.kubevirt.io', namespace, name);
    if (!found) throw notFound({ plural: 'datasources', group: 'cdi.kubevirt.io' }, name);
    if (this.hasDefault(found)) return found.metadata.labels ?? {};
    const { pvc } = found.spec.source ?? {};
    if (pvc) return this.fromClaim(pvc.name, pvc.namespace);
    throw new IgnorableInferenceError(
      "unable to infer defaults from DataSource that doesn't provide DataVolumeSourcePVC",
    );
  }

  private fromClaim(name: string, namespace: string | undefined): Record<string, string> {
    const claim = this.cluster.get('persistentvolumeclaims', namespace, name);
    if (!claim) throw notFound({ plural: 'persistentvolumeclaims', group: '' }, name);
    if (this.hasDefault(claim)) return claim.metadata.labels ?? {};
    throw new IgnorableInferenceError(`unable to find required ${LABEL}${this.aspect} label on the volume`);
  }

  private hasDefault({ metadata }: KubeObject): boolean {
    return metadata.labels?.[`${LABEL}${this.aspect}`] !== undefined;
  }
}
