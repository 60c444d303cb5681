import { ApiError } from '../api/errors';
import type { ClusterApi } from '../api/objects';
import type { SubresourceCall, SubresourceReply, SubresourceServer } from '../api/subresource';
import { Freezer } from '../controllers/freezer';
import { type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../controllers/types';
import type { VirtHandler } from '../controllers/virt-handler';
import type { Guest, Hypervisor } from '../guests/hypervisor';
import { about } from './about';
import { INSTANCE_ACTIONS, MACHINE_ACTIONS } from './actions';
import { ConnectionLog } from './connections';
import { durationMs } from './duration';
import { fileSystemList, guestOsInfo, userList } from './guest-facts';
import { INSTANCE_RULES } from './instance-rules';
import { dialPort } from './port-forward';
import { DONE, handlerFailure, NOT_ROUTED, notWebSocket, refuse, statusReply, textReply } from './replies';
import { type CallOptions, isDryRun, readOptions } from './request-body';
import { Sessions } from './sessions';

/** Actions that answer failures as plain text, and read with GET. */
const GUEST_READS = { guestosinfo: guestOsInfo, userlist: userList, filesystemlist: fileSystemList };
/** What virt-launcher calls the actions that virt-handler passes on. */
const COMMANDS: Readonly<Record<string, string>> = {
  pause: 'Pause',
  unpause: 'Unpause',
  freeze: 'Freeze',
  unfreeze: 'Unfreeze',
  reset: 'Reset',
  softreboot: 'SoftReboot',
};
const STREAMS = ['vnc', 'console', 'portforward', 'usbredir', 'vsock'];
const IN_USE =
  "Can't connect to websocket (503): websocket: bad handshake: application info: Active VNC connection. Request denied.";

/** virt-api: the subresources of VMs and instances, with the codes, bodies and texts of KubeVirt. */
export class VirtApi implements SubresourceServer {
  private readonly sessions = new Sessions();
  /** What is open, and what was last. */
  readonly connections = new ConnectionLog();
  private readonly freezer: Freezer;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
    private readonly hypervisor: Hypervisor,
  ) {
    this.freezer = new Freezer(cluster);
    // Streams go through the agent of the node that the guest was on: they end when it moves, as on a real cluster.
    cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object, previous }) => {
      if (type === 'DELETED') this.connections.forget(object);
      const left = previous?.status?.nodeName;
      if (left && left !== object.status?.nodeName) this.sessions.drop(`${object.metadata.uid}/`);
    });
  }

  async call(call: SubresourceCall): Promise<SubresourceReply> {
    try {
      if (call.resource === 'virtualmachines') return await this.callMachine(call);
      if (call.resource === 'virtualmachineinstances') return await this.callInstance(call);
      return about(call, this.cluster);
    } catch (error) {
      return statusReply(error instanceof ApiError ? error : refuse.internalError(messageOf(error)));
    }
  }

  async upgrade(call: SubresourceCall): Promise<Awaited<ReturnType<SubresourceServer['upgrade']>>> {
    const stream = call.action.split('/')[0] ?? '';
    if (!STREAMS.includes(stream)) return { refusal: await this.call(call) };
    const { namespace, name = '' } = call;
    if (call.resource === 'virtualmachines') {
      // Of the streams, a VM has only its ports.
      if (stream !== 'portforward') return { refusal: NOT_ROUTED };
      if (!this.cluster.get(VMS, namespace, name)) return { refusal: statusReply(refuse.vmMissing(name)) };
    }
    const vmi = this.instance(call);
    const refusal = vmi ? INSTANCE_RULES[stream]?.(vmi, {}) : refuse.vmiMissing(name);
    if (refusal || !vmi) return { refusal: statusReply(refusal ?? refuse.vmiMissing(name)) };
    try {
      if (stream === 'portforward') {
        const guest = this.virtHandler.guestOf(vmi);
        const tunnel = await dialPort(vmi, guest, call.action);
        return { stream: this.connections.carry(vmi, 'portforward', tunnel) };
      }
      const guest = this.screenGuest(vmi);
      const key = `${vmi.metadata.uid}/${stream}`;
      if (stream === 'console') {
        // KubeVirt replays nothing to a late joiner. Here the scroll-back comes first: a guest that has long booted
        // prints nothing by itself, and an empty terminal looks broken.
        const serial = this.sessions.take(key, guest.openSerial({ history: true }));
        return { stream: this.connections.carry(vmi, 'console', serial) };
      }
      const taken = call.query.get('preserveSession') === 'true' && this.sessions.isOpen(key);
      if (taken) return { refusal: statusReply(refuse.internalError(IN_USE)) };
      const screen = this.sessions.take(key, await guest.openVnc());
      return { stream: this.connections.carry(vmi, 'vnc', screen) };
    } catch (error) {
      return {
        refusal: statusReply(error instanceof ApiError ? error : refuse.internalError(messageOf(error))),
      };
    }
  }

  private async callMachine(call: SubresourceCall): Promise<SubresourceReply> {
    const { action, namespace, name = '' } = call;
    const options = call.method === 'PUT' ? readOptions(call.body) : {};
    const vm = this.cluster.get<VirtualMachine>(VMS, namespace, name);
    if (!vm) return statusReply(refuse.vmMissing(name));
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    const { cluster, virtHandler } = this;
    return (await MACHINE_ACTIONS[action]?.({ cluster, virtHandler, call, options, vm, vmi })) ?? NOT_ROUTED;
  }

  private async callInstance(call: SubresourceCall): Promise<SubresourceReply> {
    const { action, name = '', method } = call;
    const rule = INSTANCE_RULES[action.startsWith('portforward') ? 'portforward' : action];
    const vmi = this.instance(call);
    if (action in GUEST_READS || action === 'vnc/screenshot') return this.read(call, vmi);
    if (STREAMS.includes(action.split('/')[0] ?? '')) return this.withoutUpgrade(call, vmi);
    const options = method === 'PUT' ? readOptions(call.body) : {};
    if (!vmi) return statusReply(refuse.vmiMissing(name));
    const { cluster, virtHandler } = this;
    const carriedOut = await INSTANCE_ACTIONS[action]?.({ cluster, virtHandler, call, options, vmi });
    if (carriedOut) return carriedOut;
    if (!rule) return NOT_ROUTED;
    const refusal = rule(vmi, options);
    if (refusal) return statusReply(refusal);
    if (!isDryRun(options)) await this.act(action, vmi, options);
    return DONE;
  }

  private async act(action: string, vmi: VirtualMachineInstance, options: CallOptions): Promise<void> {
    const guest = this.virtHandler.guestOf(vmi);
    if (!guest) throw handlerFailure('server error. command failed: "the guest is not running yet"');
    try {
      if (action === 'pause' || action === 'unpause') {
        await this.virtHandler.setPaused(vmi, guest, action === 'pause');
      } else if (action === 'reset') await this.virtHandler.reset(vmi, guest);
      else if (action === 'softreboot') await this.virtHandler.softReboot(vmi, guest);
      else if (action === 'freeze') {
        await this.freezer.freeze(vmi, guest, durationMs(options.unfreezeTimeout ?? '') ?? 0);
      } else if (action === 'unfreeze') await this.freezer.thaw(vmi, guest);
    } catch (error) {
      throw handlerFailure(
        `server error. command ${COMMANDS[action] ?? action} failed: "${messageOf(error)}"`,
      );
    }
  }

  /** The guest handlers: every failure is plain text, and a screenshot of nothing is 401 without a body. */
  private async read(
    call: SubresourceCall,
    vmi: VirtualMachineInstance | undefined,
  ): Promise<SubresourceReply> {
    const { action, name = '' } = call;
    if (!vmi) return action === 'vnc/screenshot' ? { status: 401 } : textReply(refuse.vmiMissing(name));
    const refusal = INSTANCE_RULES[action]?.(vmi, {});
    if (refusal) return textReply(refusal);
    try {
      if (action === 'vnc/screenshot') {
        const picture = await this.screenGuest(vmi).screenshot();
        return { status: 200, body: picture, contentType: 'image/png' };
      }
      const read = GUEST_READS[action as keyof typeof GUEST_READS];
      return {
        status: 200,
        body: read(await this.runningGuest(vmi).agentFacts(), vmi),
        contentType: 'application/json',
      };
    } catch (error) {
      return textReply(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private withoutUpgrade({ action, name = '' }: SubresourceCall, vmi: VirtualMachineInstance | undefined) {
    if (!vmi) return statusReply(refuse.vmiMissing(name));
    const stream = action.split('/')[0] ?? '';
    const refusal = stream === 'portforward' ? undefined : INSTANCE_RULES[stream]?.(vmi, {});
    if (refusal) return statusReply(refusal);
    if (stream !== 'vnc' && stream !== 'console') return notWebSocket();
    try {
      // virt-api dials virt-handler before it looks for the upgrade (Streamer.Handle), so failures to dial come first.
      this.screenGuest(vmi);
      return notWebSocket();
    } catch (error) {
      return statusReply(error instanceof ApiError ? error : refuse.internalError(messageOf(error)));
    }
  }

  private instance({ namespace, name = '' }: SubresourceCall): VirtualMachineInstance | undefined {
    return this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
  }

  /** @throws with the hypervisor's own reason where machines are mere state. */
  private screenGuest(vmi: VirtualMachineInstance): Guest {
    const availability = this.hypervisor.availability();
    if (!availability.available) throw refuse.internalError(availability.reason);
    return this.runningGuest(vmi);
  }

  private runningGuest(vmi: VirtualMachineInstance): Guest {
    const guest = this.virtHandler.guestOf(vmi);
    if (!guest) throw notYet();
    return guest;
  }
}

/** After the sandbox was restarted its guests come back one by one. */
function notYet(): ApiError {
  return refuse.internalError('the guest is being brought back, try again in a moment');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
