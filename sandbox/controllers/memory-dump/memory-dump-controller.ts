import type { ClusterApi } from '../../api/objects';
import { type PersistentVolumeClaim, PVCS } from '../storage-types';
import { type InstanceSpec, type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../types';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { memoryDumpVolume, nextRequest } from './memory-dump-request';
import type { MemoryDumpRequest } from './types';

const LATENCY_MS = 100;
/** On a claim that holds a dump: the name of its file, or that there is none. */
export const DUMP_ANNOTATION = 'kubevirt.io/memory-dump';
const FAILED = 'Memory dump failed';

/** virt-controller's part of memory dumps: brings their volumes into the VM and its instance, and out again. */
export class MemoryDumpController {
  private readonly queue = new WorkQueue('memory dumps', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<VirtualMachine>(VMS, ({ type, object }) => {
        if (type !== 'DELETED' && object.status?.memoryDumpRequest) this.queue.add(keyFor(object));
      }),
      cluster.watch<VirtualMachineInstance>(VMIS, ({ object }) => {
        if (this.requestOf(keyFor(object))) this.queue.add(keyFor(object));
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private requestOf(key: string): MemoryDumpRequest | undefined {
    const { namespace, name } = splitKey(key);
    return this.cluster.get<VirtualMachine>(VMS, namespace, name)?.status?.memoryDumpRequest;
  }

  private reconcile(key: string): void {
    const request = this.requestOf(key);
    if (!request) return;
    const { namespace, name } = splitKey(key);
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    this.carryOut(key, request, vmi);
    const seen = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    this.cluster.update<VirtualMachine>(VMS, namespace, name, (draft) => {
      const next = nextRequest(request, draft, seen);
      if (next) draft.status = { ...draft.status, memoryDumpRequest: next };
      else delete draft.status?.memoryDumpRequest;
    });
  }

  /** Mirrors HandleRequest. */
  private carryOut(key: string, request: MemoryDumpRequest, vmi: VirtualMachineInstance | undefined): void {
    const { claimName, phase } = request;
    const runs = vmi?.status?.phase === 'Running' && !vmi.metadata.deletionTimestamp;
    if (phase === 'Associating' && runs) {
      this.editTemplate(key, claimName, true);
      this.editInstance(key, claimName, true);
    } else if (phase === 'Unmounting' || phase === 'Failed') {
      this.annotate(splitKey(key).namespace, claimName, phase === 'Failed' ? FAILED : request.fileName);
      this.editInstance(key, claimName, false);
    } else if (phase === 'Dissociating') {
      this.editInstance(key, claimName, false);
      this.editTemplate(key, claimName, false);
    }
  }

  private editTemplate(key: string, claim: string, wanted: boolean): void {
    const { namespace, name } = splitKey(key);
    this.cluster.update<VirtualMachine>(VMS, namespace, name, ({ spec }) =>
      associate(spec.template.spec, claim, wanted),
    );
  }

  private editInstance(key: string, claim: string, wanted: boolean): void {
    const { namespace, name } = splitKey(key);
    this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, ({ spec }) =>
      associate(spec, claim, wanted),
    );
  }

  private annotate(namespace: string, claim: string, value: string | undefined): void {
    if (!value) return;
    this.cluster.update<PersistentVolumeClaim>(PVCS, namespace, claim, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [DUMP_ANNOTATION]: value };
    });
  }
}

/** Adds the dump's volume, or takes it out. Edits `spec`. */
function associate(spec: InstanceSpec, claim: string, wanted: boolean): void {
  const has = spec.volumes?.some(({ name }) => name === claim) ?? false;
  if (wanted && !has) spec.volumes = [...(spec.volumes ?? []), memoryDumpVolume(claim)];
  if (!wanted && has) spec.volumes = spec.volumes?.filter(({ name }) => name !== claim) ?? [];
}
