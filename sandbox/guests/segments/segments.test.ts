import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BROADCAST, macBytes } from './frame';
import { readCables } from './machine-network';
import { type Cable, Segments } from './segments';

const directory = mkdtempSync(path.join(tmpdir(), 'portlight-segments-'));
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
  rmSync(directory, { recursive: true, force: true });
});

/** What QEMU is to the switch: a socket at the card's end of its cable. */
async function card({ local, remote }: Cable, last: number) {
  const socket = createSocket('udp4');
  sockets.push(socket);
  const heard: string[] = [];
  socket.on('message', (frame) => heard.push(frame.toString('latin1', 14)));
  socket.bind(local, '127.0.0.1');
  await once(socket, 'listening');
  const say = (words: string) => {
    const mac = macBytes(`02:00:00:00:00:0${last}`);
    const frame = Buffer.concat([macBytes(BROADCAST), mac, Buffer.from([0x88, 0xb5]), Buffer.from(words)]);
    socket.send(frame, remote, '127.0.0.1');
  };
  return { heard, say };
}

describe('segments', () => {
  it('keep their frames to themselves, and come back where their guests look for them', async () => {
    const segments = new Segments(directory);
    const ends = [{ segment: 'lan' }, { segment: 'lan' }, { segment: 'lan vlan 7' }];
    const cables = await Promise.all(ends.map((end) => segments.plug(end)));
    const [one, two, other] = await Promise.all(cables.map((cable, index) => card(cable, index)));
    one?.say('hello');
    await expect.poll(() => two?.heard).toEqual(['hello']);
    expect(cables[0]?.remote).toBe(cables[1]?.remote);
    expect(cables[2]?.remote).not.toBe(cables[0]?.remote);
    await segments.close();

    const later = new Segments(directory);
    await Promise.all(cables.map((cable, index) => later.adopt(ends[index] ?? { segment: '' }, cable)));
    two?.say('still there');
    await expect.poll(() => one?.heard).toEqual(['still there']);
    expect(await later.counters('lan', cables[0] ?? { local: 0, remote: 0 })).toMatchObject({
      receivedFrames: 1,
    });
    expect(other?.heard).toEqual([]);

    const [first] = cables;
    if (first) await later.unplug('lan', first);
    two?.say('to nobody');
    two?.say('and again');
    await expect
      .poll(async () => (await later.counters('lan', cables[1] ?? { local: 0, remote: 0 }))?.sentFrames)
      .toBe(3);
    expect(one?.heard).toEqual(['still there']);
    await later.close();
  });

  it('say when a switch cannot come back where its guests are', async () => {
    const segments = new Segments(directory);
    const cable = await segments.plug({ segment: 'lan' });
    await segments.close();
    const squatter = createSocket('udp4');
    sockets.push(squatter);
    squatter.bind(cable.remote, '127.0.0.1');
    await once(squatter, 'listening');
    const later = new Segments(directory);
    await expect(later.adopt({ segment: 'lan' }, cable)).rejects.toThrow(
      `The switch of the network lan could not come back on port ${cable.remote}`,
    );
    await later.close();
  });

  it('read from QEMU where a cable leads', () => {
    const printed =
      'nic1: index=0,type=nic,model=virtio-net-pci,macaddr=02:00:00:00:00:01\r\n \\ net1: index=0,type=dgram,udp=127.0.0.1:23456/127.0.0.1:23457\r\n';
    expect(readCables(printed)).toEqual(new Map([['net1', { local: 23456, remote: 23457 }]]));
  });
});
