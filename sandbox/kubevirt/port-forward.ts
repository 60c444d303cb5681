import type { Duplex } from 'node:stream';
import type { VirtualMachineInstance } from '../controllers/types';
import type { Guest } from '../guests/hypervisor';
import { openGuestPort } from './guest-ports';
import { refuse } from './replies';

/**
 * The stream behind `portforward/PORT[/PROTOCOL]`. virt-api dials the instance's first address before it answers.
 * @throws ApiError 500 with Go's words for what went wrong.
 */
export async function dialPort(
  vmi: VirtualMachineInstance,
  guest: Guest | undefined,
  action: string,
): Promise<Duplex> {
  const [, port = '', protocol = 'tcp'] = action.split('/');
  const address = vmi.status?.interfaces?.[0]?.ipAddress ?? '';
  const fail = (why: string) => refuse.internalError(`dialing VM: dial ${protocol}${why}`);
  if (protocol !== 'tcp' && protocol !== 'udp') throw fail(`: unknown network ${protocol}`);
  if (!/^\d+$/.test(port)) throw fail(`: lookup ${protocol}/${port}: unknown port`);
  if (Number(port) > 65_535) throw fail(`: address ${port}: invalid port`);
  if (!guest) throw fail(` ${address}:${port}: connect: no route to host`);
  try {
    return await openGuestPort(vmi, guest, protocol, Number(port));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw fail(` ${address}:${port}: connect: ${why}`);
  }
}
