import type { ClusterApi } from '../api/objects';
import type { SubresourceCall, SubresourceReply } from '../api/subresource';
import type { VirtualMachine, VirtualMachineInstance } from '../controllers/types';
import type { VirtHandler } from '../controllers/virt-handler';
import type { CallOptions } from './request-body';

/** What a call has to work with. Its body was read, and the object it names exists. */
interface ActionContext {
  cluster: ClusterApi;
  virtHandler: VirtHandler;
  call: SubresourceCall;
  options: CallOptions;
}

/**
 * A subresource of VMs. Answers with the reply, refusals included (an ApiError that it throws is answered as a Status);
 * honours `dryRun` itself.
 */
export type MachineAction = (
  context: ActionContext & { vm: VirtualMachine; vmi: VirtualMachineInstance | undefined },
) => SubresourceReply | Promise<SubresourceReply>;

/** A subresource of instances that virt-api carries out itself; what virt-handler does is in `INSTANCE_RULES`. */
export type InstanceAction = (
  context: ActionContext & { vmi: VirtualMachineInstance },
) => SubresourceReply | Promise<SubresourceReply>;
