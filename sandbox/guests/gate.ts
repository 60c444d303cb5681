import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { GuestSpec } from './hypervisor';

const volumeDevice = (index: number) => `vd${String.fromCharCode(97 + index)}`;

/** Who this copy is, in the words that rootfs/lib/portlight/gate reads. */
function instanceData(spec: GuestSpec): string {
  const home = spec.disks.findIndex((disk) => disk.role === 'root');
  const lines = [
    `disks ${spec.disks.length}`,
    `nics ${spec.nics.length}`,
    `name ${spec.name}`,
    ...(home < 0 ? [] : [`home ${volumeDevice(home)}`]),
    `epoch ${Math.floor(Date.now() / 1000)}`,
    `entropy ${randomBytes(64).toString('base64')}`,
    `uuid ${spec.firmwareUuid}`,
    `machine_id ${createHash('md5').update(spec.firmwareUuid).digest('hex')}`,
    'end',
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * The guest asks "ready" on its configuration port whenever it boots, the first time and after each reset; what it is
 * told then opens its gate. `answer` is called for each and says who it is.
 */
export function keepGate(port: Socket, answer: () => GuestSpec): void {
  let asked = '';
  port.on('error', () => {});
  port.on('data', (chunk: Buffer) => {
    asked += chunk.toString('latin1');
    const lines = asked.split('\n');
    asked = lines.pop() ?? '';
    if (lines.includes('ready')) port.write(instanceData(answer()));
  });
}
