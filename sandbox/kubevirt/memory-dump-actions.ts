import { formatQuantity, parseQuantity, type Quantity } from '../api/admission/quantity';
import { type ApiError, conflict, notFound } from '../api/errors';
import type { ClusterApi } from '../api/objects';
import { filesystemOverhead } from '../controllers/claim-image';
import type { MemoryDumpRequest } from '../controllers/memory-dump/types';
import { type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import { type VirtualMachine, type VirtualMachineInstance, VMS } from '../controllers/types';
import type { MachineAction } from './action';
import { ACCEPTED, refuse, statusReply } from './replies';

const CLAIM = { plural: 'persistentvolumeclaim', group: 'kubevirt.io' };
/** What a dump has besides the guest's memory. */
const OVERHEAD_BYTES = 100 * 1024 * 1024;
const MIB = 1024 * 1024;
const NANOS = 1_000_000_000n;

/** memorydump and removememorydump. Mirrors virt-api's memory dump handler. */
export const MEMORY_DUMP_ACTIONS: Record<string, MachineAction> = {
  memorydump({ cluster, vm, vmi, options }) {
    const present = vm.status?.memoryDumpRequest;
    const refusal = refuseDump(cluster, vm, vmi, options.claimName) ?? refusePending(vm, present);
    if (refusal) return statusReply(refusal);
    const claimName = options.claimName || present?.claimName || '';
    request(cluster, vm, { claimName, phase: 'Associating' });
    return ACCEPTED;
  },
  removememorydump({ cluster, vm }) {
    const { name } = vm.metadata;
    const present = vm.status?.memoryDumpRequest;
    if (!present) {
      const why = `can't remove memory dump association for vm ${name}, no association found`;
      return statusReply(refuse.vmConflict(name, why));
    }
    const { claimName } = present;
    if (present.remove) {
      const why = `memory dump remove request for pvc [${claimName}] already exists`;
      return statusReply(refuse.vmConflict(name, why));
    }
    request(cluster, vm, { claimName, phase: 'Dissociating', remove: true });
    return ACCEPTED;
  },
};

function request(
  cluster: ClusterApi,
  { metadata }: VirtualMachine,
  memoryDumpRequest: MemoryDumpRequest,
): void {
  cluster.update<VirtualMachine>(VMS, metadata.namespace, metadata.name, (draft) => {
    draft.status = { ...draft.status, memoryDumpRequest };
  });
}

function refuseDump(
  cluster: ClusterApi,
  { metadata, status }: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  asked: string | undefined,
): ApiError | undefined {
  const associated = status?.memoryDumpRequest?.claimName;
  if (!asked && !associated) return refuse.badRequest('Memory dump requires claim name to be set');
  if (asked && associated && asked !== associated) {
    return refuse.vmConflict(
      metadata.name,
      `can't request memory dump for pvc [${asked}] while pvc [${associated}] is still associated as the memory dump pvc`,
    );
  }
  if (!vmi) return refuse.vmiMissing(metadata.name);
  if (vmi.status?.phase !== 'Running') return refuse.vmiConflict(metadata.name, 'VMI is not running');
  return refuseClaim(cluster, vmi, asked || associated || '');
}

function refuseClaim(cluster: ClusterApi, vmi: VirtualMachineInstance, name: string): ApiError | undefined {
  const claim = cluster.get<PersistentVolumeClaim>(PVCS, vmi.metadata.namespace, name);
  if (!claim) return notFound(CLAIM, name);
  const { volumeMode, accessModes = [], resources } = claim.spec;
  if (volumeMode === 'Block') return conflict(CLAIM, name, 'pvc should be filesystem pvc');
  if (accessModes.every((mode) => mode === 'ReadOnlyMany')) {
    return conflict(CLAIM, name, "pvc access mode can't be read only");
  }
  const size = inKilobytes(quantityOf(resources?.requests?.storage));
  const expected = expectedSize(cluster, vmi, claim);
  if (size.nanos >= expected.nanos) return undefined;
  const why = `pvc size [${formatQuantity(size)}] should be bigger then [${formatQuantity(expected)}]`;
  return conflict(CLAIM, name, why);
}

/** A dump that is under way goes on. */
function refusePending(
  { metadata }: VirtualMachine,
  present: MemoryDumpRequest | undefined,
): ApiError | undefined {
  if (!present || present.phase === 'Completed' || present.phase === 'Failed') return undefined;
  const { claimName, phase } = present;
  return refuse.vmConflict(
    metadata.name,
    phase === 'Dissociating'
      ? `can't dump memory for pvc [${claimName}] a remove memory dump request is in progress`
      : `memory dump request for pvc [${claimName}] already in progress`,
  );
}

/** The memory that the instance asks for and what comes on top, in whole MiB and in the notation of the request. */
function expectedSize(
  cluster: ClusterApi,
  { spec }: VirtualMachineInstance,
  claim: PersistentVolumeClaim,
): Quantity {
  const memory = quantityOf(spec.domain.resources?.requests?.memory);
  const bytes = Number(memory.nanos / NANOS) + OVERHEAD_BYTES;
  const total = Math.ceil((bytes * (1 + filesystemOverhead(cluster, claim))) / MIB) * MIB;
  return { nanos: BigInt(total) * NANOS, format: memory.format };
}

function inKilobytes({ nanos }: Quantity): Quantity {
  const unit = 1000n * NANOS;
  return { nanos: ((nanos + unit - 1n) / unit) * unit, format: 'decimal' };
}

function quantityOf(text: string | undefined): Quantity {
  const parsed = parseQuantity(text ?? '0');
  return 'error' in parsed ? { nanos: 0n, format: 'decimal' } : parsed;
}
