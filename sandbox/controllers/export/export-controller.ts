import type { ClusterApi, KubeObject, NewObject, ResourceName } from '../../api/objects';
import { clock } from '../../clock';
import { serves } from '../claims';
import { setCondition } from '../conditions';
import { createPod } from '../create-pod';
import { createService } from '../services/create-service';
import { CONTENTS, SNAPSHOTS } from '../snapshot/types';
import { DATA_VOLUMES, PVCS } from '../storage-types';
import { now, timestamp } from '../time';
import { type Pod, VMIS, VMS } from '../types';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { exportLinks } from './export-links';
import { exportedMachine, manifestData, manifestsName } from './export-manifests';
import * as objects from './export-objects';
import { exporterPod } from './exporter-pod';
import { conditionOf, type ExportSource, type Finding, readSource } from './sources';
import { CERT_PARAMETERS, EXPORTS, type ExportPhase, type VmExport, type VmExportStatus } from './types';

const COMPONENT = 'export-controller';
const LATENCY_MS = 100;
/** A source in use is looked at again, whatever the watches say. */
const BUSY_RETRY_MS = 3000;

interface Said {
  phase: ExportPhase;
  ready: Finding;
}

/** The export half of virt-controller: serves the volumes of claims, VMs and snapshots for a while. */
export class ExportController {
  private readonly queue = new WorkQueue('vm exports', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    // What an export depends on is in its namespace, and exports are few: all of them are looked at again.
    const wake = ({ object }: { object: KubeObject }) => {
      for (const vmExport of cluster.list<VmExport>(EXPORTS, object.metadata.namespace)) {
        this.queue.add(keyFor(vmExport));
      }
    };
    const sources: ResourceName[] = [PVCS, 'pods', 'services', VMS, VMIS, SNAPSHOTS, CONTENTS];
    if (serves(cluster, DATA_VOLUMES)) sources.push(DATA_VOLUMES);
    this.stops = [
      cluster.watch<VmExport>(EXPORTS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      ...sources.map((resource) => cluster.watch(resource, wake)),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const vmExport = this.cluster.get<VmExport>(EXPORTS, namespace, name);
    if (!vmExport || vmExport.metadata.deletionTimestamp) return;
    const source = readSource(this.cluster, vmExport);
    if (!source) return;
    this.keepService(vmExport);
    const tokenName = this.keepToken(vmExport, source);
    const pod = this.keepExporter(vmExport, source, tokenName);
    this.report(vmExport, source, pod, tokenName);
    if (source.claims.length > 0 && !source.isAvailable) this.queue.add(key, BUSY_RETRY_MS);
  }

  private keepService(vmExport: VmExport): void {
    const name = objects.serviceName(vmExport);
    const { namespace } = vmExport.metadata;
    if (this.cluster.get('services', namespace, name)) return;
    createService(this.cluster, objects.exportService(vmExport));
    this.tell(vmExport, 'ServiceCreated', `Created service ${namespace}/${name}`);
  }

  private keepToken(vmExport: VmExport, source: ExportSource): string | undefined {
    const { metadata, spec, status } = vmExport;
    if (spec.tokenSecretRef) return spec.tokenSecretRef;
    const name = status?.tokenSecretRef;
    if (!source.isAvailable || source.claims.length === 0) return name;
    const wanted = name ?? objects.defaultTokenName(vmExport);
    if (!this.cluster.get('secrets', metadata.namespace, wanted)) {
      this.cluster.create('secrets', objects.tokenSecret(vmExport, wanted));
      this.tell(vmExport, 'SecretCreated', `Created default secret ${metadata.namespace}/${wanted}`);
    }
    return wanted;
  }

  private keepExporter(vmExport: VmExport, source: ExportSource, tokenName = ''): Pod | undefined {
    const { namespace } = vmExport.metadata;
    const present = this.cluster.get<Pod>('pods', namespace, objects.podName(vmExport));
    if (!present && (!source.isAvailable || source.claims.length === 0)) return undefined;
    const pod = present ?? this.startExporter(vmExport, source, tokenName);
    if (pod.status?.phase === undefined || pod.status.phase === 'Pending')
      this.keepCertificate(vmExport, pod);
    if (!source.isAvailable) {
      this.stopExporter(vmExport, pod, 'ExportPaused', source.own?.message ?? '');
      return undefined;
    }
    this.checkExporter(vmExport, pod);
    return pod;
  }

  private startExporter(vmExport: VmExport, source: ExportSource, tokenName: string): Pod {
    const { namespace } = vmExport.metadata;
    const vm = exportedMachine(this.cluster, vmExport, source.virtualMachineName);
    if (vm && !this.cluster.get('configmaps', namespace, manifestsName(vmExport))) {
      this.cluster.create('configmaps', manifestData(this.cluster, vmExport, vm));
      const message = `Created exporter data manifest ${namespace}/${manifestsName(vmExport)}`;
      this.tell(vmExport, 'DataManifestCreated', message);
    }
    const manifests = vm && manifestsName(vmExport);
    const draft: NewObject = exporterPod(this.cluster, vmExport, source.claims, tokenName, manifests);
    const pod = createPod(this.cluster, draft);
    this.tell(vmExport, 'ExporterPodCreated', `Created exporter pod ${keyFor(pod)}`);
    return pod;
  }

  private keepCertificate(vmExport: VmExport, pod: Pod): void {
    const name = objects.certSecretName(pod);
    if (!name || this.cluster.get('secrets', pod.metadata.namespace, name)) return;
    this.cluster.create('secrets', objects.certSecret(this.cluster, vmExport, pod, name));
    this.tell(vmExport, 'SecretCreated', 'Created exporter pod secret');
  }

  private checkExporter(vmExport: VmExport, pod: Pod): void {
    if (pod.metadata.deletionTimestamp) return;
    const left = objects.expiresAt(vmExport) - clock.millis();
    const { phase } = pod.status ?? {};
    if (left <= 0) {
      this.cluster.delete(EXPORTS, vmExport.metadata.namespace, vmExport.metadata.name);
      return;
    }
    this.queue.add(keyFor(vmExport), left);
    if (phase === 'Succeeded' || phase === 'Failed') {
      const message = `Exporter pod ${keyFor(pod)} is in phase ${phase}`;
      this.stopExporter(vmExport, pod, 'ExporterPodFailedOrCompleted', message);
    } else if (pod.metadata.annotations?.[CERT_PARAMETERS] !== this.certParameters()) {
      const message = 'Exporter TLS certificate parameters updated';
      this.stopExporter(vmExport, pod, 'CertificateParametersChanged', message);
    }
  }

  private certParameters(): string {
    return objects.writtenParameters(objects.certParameters(this.cluster));
  }

  private stopExporter(vmExport: VmExport, { metadata }: Pod, reason: string, message: string): void {
    if (metadata.deletionTimestamp) return;
    this.tell(vmExport, reason, message, 'Warning');
    this.cluster.delete('pods', metadata.namespace, metadata.name);
  }

  private report(
    vmExport: VmExport,
    source: ExportSource,
    pod: Pod | undefined,
    tokenName: string | undefined,
  ): void {
    const { namespace, name } = vmExport.metadata;
    const { virtualMachineName } = source;
    this.cluster.update<VmExport>(EXPORTS, namespace, name, (draft) => {
      const { phase, ready } = pod ? exporterState(pod) : ({ phase: 'Pending', ready: source.ready } as Said);
      const serving = phase === 'Ready' && pod;
      const hasManifests = pod?.spec.volumes?.some(({ configMap }) => configMap) ?? false;
      const status: VmExportStatus = {
        ...draft.status,
        phase: source.isSkipped ? 'Skipped' : phase,
        serviceName: objects.serviceName(vmExport),
        links: serving ? exportLinks(this.cluster, vmExport, serving, { ...source, hasManifests }) : {},
        ...(tokenName ? { tokenSecretRef: tokenName } : {}),
        ...(virtualMachineName === undefined ? {} : { virtualMachineName }),
      };
      status.ttlExpirationTime ??= timestamp(objects.expiresAt(vmExport));
      setCondition(status, conditionOf('Ready', ready, now()));
      if (source.own) setCondition(status, conditionOf(source.own.type, source.own, now()));
      draft.status = status;
    });
  }

  private tell(
    vmExport: VmExport,
    reason: string,
    message: string,
    type: 'Normal' | 'Warning' = 'Normal',
  ): void {
    this.cluster.event(vmExport, { type, reason, message, component: COMPONENT });
  }
}

/** How an export stands by its exporter. */
function exporterState({ status }: Pod): Said {
  const isReady =
    status?.phase === 'Running' &&
    status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  if (isReady) return { phase: 'Ready', ready: { status: 'True', reason: 'PodReady', message: '' } };
  const not = (reason: string): Finding => ({ status: 'False', reason, message: '' });
  if (status?.phase === 'Succeeded') return { phase: 'Terminated', ready: not('PodCompleted') };
  const isPending = status?.phase === undefined || status.phase === 'Pending';
  return { phase: 'Pending', ready: not(isPending ? 'PodPending' : 'Unknown') };
}
