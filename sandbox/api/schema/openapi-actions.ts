import { SUBRESOURCE_GROUP } from '../kubevirt-subresources';
import type { PathItem } from './openapi-paths';

const V1 = 'io.kubevirt.v1';
const V1ALPHA1 = 'io.kubevirt.v1alpha1';

/** One of virt-api's routes: what it is called, what it takes and what it answers with. */
interface Route {
  method: 'get' | 'put';
  path: string;
  id: string;
  words: string;
  body?: string;
  answer?: string;
}

const get = (path: string, id: string, words: string, answer?: string): Route => ({
  method: 'get',
  path,
  id,
  words,
  ...(answer ? { answer } : {}),
});
const put = (path: string, id: string, words: string, body?: string): Route => ({
  method: 'put',
  path,
  id,
  words,
  ...(body ? { body } : {}),
});

const VMI = 'virtualmachineinstances/{name}';
const VM = 'virtualmachines/{name}';
const FORWARD = 'Forwards a port of the guest over a WebSocket.';
const GRAPH = 'Objects that belong together with this one.';

const ROUTES: readonly Route[] = [
  put('expand-vm-spec', 'ExpandSpec', 'Expands instance type and preference into the VM that is sent.'),
  put(
    `${VMI}/addvolume`,
    'vmi-addvolume',
    'Plugs a volume into the running instance.',
    `${V1}.AddVolumeOptions`,
  ),
  put(`${VMI}/backup`, 'Backup', 'Starts a backup.', `${V1ALPHA1}.BackupOptions`),
  get(`${VMI}/console`, 'Console', 'Opens the serial console over a WebSocket.'),
  put(
    `${VMI}/evacuate/cancel`,
    'vmi-evacuatecancel',
    'Cancels an evacuation.',
    `${V1}.EvacuateCancelOptions`,
  ),
  get(
    `${VMI}/filesystemlist`,
    'Filesystemlist',
    'File systems, told by the guest agent.',
    `${V1}.VirtualMachineInstanceFileSystemList`,
  ),
  put(`${VMI}/freeze`, 'Freeze', 'Freezes the file systems of the guest.', `${V1}.FreezeUnfreezeTimeout`),
  get(
    `${VMI}/guestosinfo`,
    'Guestosinfo',
    'The operating system, told by the guest agent.',
    `${V1}.VirtualMachineInstanceGuestAgentInfo`,
  ),
  get(`${VMI}/objectgraph`, 'vmi-objectgraph', GRAPH, `${V1}.ObjectGraphNode`),
  put(`${VMI}/pause`, 'Pause', 'Pauses the instance.', `${V1}.PauseOptions`),
  get(`${VMI}/portforward/{port}`, 'vmi-PortForward', FORWARD),
  get(`${VMI}/portforward/{port}/{protocol}`, 'vmi-PortForwardWithProtocol', FORWARD),
  put(
    `${VMI}/redefine-checkpoint`,
    'RedefineCheckpoint',
    'Redefines a checkpoint.',
    `${V1ALPHA1}.BackupCheckpoint`,
  ),
  put(`${VMI}/removevolume`, 'vmi-removevolume', 'Unplugs a volume.', `${V1}.RemoveVolumeOptions`),
  put(`${VMI}/reset`, 'Reset', 'Resets the instance, as the button does.'),
  get(
    `${VMI}/sev/fetchcertchain`,
    'SEVFetchCertChain',
    'The certificate chain of the node.',
    `${V1}.SEVPlatformInfo`,
  ),
  put(
    `${VMI}/sev/injectlaunchsecret`,
    'SEVInjectLaunchSecret',
    'Injects a secret.',
    `${V1}.SEVSecretOptions`,
  ),
  get(
    `${VMI}/sev/querylaunchmeasurement`,
    'SEVQueryLaunchMeasurement',
    'The launch measurement.',
    `${V1}.SEVMeasurementInfo`,
  ),
  put(`${VMI}/sev/setupsession`, 'SEVSetupSession', 'Sets up a session.', `${V1}.SEVSessionOptions`),
  put(`${VMI}/softreboot`, 'SoftReboot', 'Asks the guest to reboot.'),
  put(`${VMI}/unfreeze`, 'Unfreeze', 'Thaws the file systems of the guest.'),
  put(`${VMI}/unpause`, 'Unpause', 'Lets a paused instance go on.', `${V1}.UnpauseOptions`),
  get(`${VMI}/usbredir`, 'usbredir', 'Redirects a USB device over a WebSocket.'),
  get(
    `${VMI}/userlist`,
    'Userlist',
    'Who is logged in, told by the guest agent.',
    `${V1}.VirtualMachineInstanceGuestOSUserList`,
  ),
  get(`${VMI}/vnc`, 'VNC', 'Opens the screen over a WebSocket.'),
  get(`${VMI}/vnc/screenshot`, 'VNCScreenshot', 'A picture of the screen.'),
  get(`${VMI}/vsock`, 'VSOCK', 'Connects to a VSOCK port of the guest.'),
  put(`${VM}/addvolume`, 'vm-addvolume', 'Plugs a volume into the VM.', `${V1}.AddVolumeOptions`),
  put(`${VM}/evacuate/cancel`, 'vm-evacuatecancel', 'Cancels an evacuation.', `${V1}.EvacuateCancelOptions`),
  get(`${VM}/expand-spec`, 'vm-ExpandSpec', 'The VM with instance type and preference expanded.'),
  put(
    `${VM}/memorydump`,
    'MemoryDump',
    'Dumps the memory to a claim.',
    `${V1}.VirtualMachineMemoryDumpRequest`,
  ),
  put(`${VM}/migrate`, 'Migrate', 'Migrates the running VM to another node.', `${V1}.MigrateOptions`),
  get(`${VM}/objectgraph`, 'vm-objectgraph', GRAPH, `${V1}.ObjectGraphNode`),
  get(`${VM}/portforward/{port}`, 'vm-PortForward', FORWARD),
  get(`${VM}/portforward/{port}/{protocol}`, 'vm-PortForwardWithProtocol', FORWARD),
  put(`${VM}/removememorydump`, 'RemoveMemoryDump', 'Lets go of the claim of a memory dump.'),
  put(`${VM}/removevolume`, 'vm-removevolume', 'Unplugs a volume.', `${V1}.RemoveVolumeOptions`),
  put(`${VM}/restart`, 'Restart', 'Restarts the VM.', `${V1}.RestartOptions`),
  put(`${VM}/start`, 'Start', 'Starts the VM.', `${V1}.StartOptions`),
  put(`${VM}/stop`, 'Stop', 'Stops the VM.', `${V1}.StopOptions`),
];

const PARAMETERS: Record<string, string> = {
  name: 'Name of the resource',
  namespace: 'Object name and auth scope, such as for teams and projects',
  port: 'The port of the guest',
  protocol: 'tcp or udp',
};

export const VIRT_API_INFO = {
  title: 'KubeVirt API',
  description: 'This is KubeVirt API an add-on for Kubernetes.',
  version: 'v1',
};

/** The names of the schemas that the routes mention. */
export function actionSchemas(): string[] {
  return [...new Set(ROUTES.flatMap(({ body, answer }) => [body, answer]))].filter(
    (name) => name !== undefined,
  );
}

/** virt-api's actions, of which each served version has the same. */
export function actionPaths(version: string, prefix: string): Record<string, PathItem> {
  const paths: Record<string, PathItem> = {};
  for (const { method, path, id, words, body, answer } of ROUTES) {
    const where = `/apis/${SUBRESOURCE_GROUP}/${version}/namespaces/{namespace}/${path}`;
    const operation = {
      description: words,
      operationId: `${version}${id}`,
      ...(body
        ? { requestBody: { content: { '*/*': { schema: { $ref: prefix + body } } }, required: true } }
        : {}),
      responses: {
        200: {
          description: 'OK',
          ...(answer ? { content: { 'application/json': { schema: { $ref: prefix + answer } } } } : {}),
        },
        401: { description: 'Unauthorized' },
      },
    };
    const names = [...where.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const parameters = names.map((name) => ({
      name,
      in: 'path',
      description: PARAMETERS[name],
      required: true,
      schema: { type: 'string', uniqueItems: true },
    }));
    paths[where] = { [method]: operation, parameters };
  }
  return paths;
}
