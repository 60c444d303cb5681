import { describe, expect, it } from 'vitest';
import type { Lease } from './dhcp';
import { BROADCAST, macBytes, readDatagram, writeDatagram } from './frame';
import { LearningSwitch } from './learning-switch';

const MACS = { a: '02:00:00:00:00:0a', b: '02:00:00:00:00:0b', c: '02:00:00:00:00:0c' } as const;
const LEASE: Lease = {
  address: '10.10.0.5',
  prefix: 24,
  gateway: '10.10.0.1',
  routes: [{ to: '192.168.7.0/24', via: '10.10.0.2' }],
  servers: ['10.96.0.10'],
  search: ['dev.svc.cluster.local'],
  hostname: 'web',
};

function bench(leases: Partial<Record<keyof typeof MACS, Lease>> = {}) {
  let time = 0;
  const heard: [string, string][] = [];
  const frames: Buffer[] = [];
  const learning = new LearningSwitch(() => time);
  for (const port of ['a', 'b', 'c'] as const) {
    learning.plug(
      port,
      (frame) => {
        heard.push([port, frame.toString('latin1', 14)]);
        frames.push(frame);
      },
      leases[port],
    );
  }
  const send = (from: string, to: string, words: string, source = MACS[from as keyof typeof MACS]) => {
    heard.length = 0;
    learning.take(
      from,
      Buffer.concat([macBytes(to), macBytes(source), Buffer.from([0x88, 0xb5])].concat(Buffer.from(words))),
    );
    return heard.map(([port]) => port).join('');
  };
  return {
    learning,
    send,
    frames,
    pass: (ms: number) => {
      time += ms;
    },
  };
}

function dhcp(mac: string, kind: number, requested?: string): Buffer {
  const payload = Buffer.alloc(240);
  payload.writeUInt8(1, 0);
  payload.writeUInt8(1, 1);
  payload.writeUInt8(6, 2);
  payload.writeUInt32BE(0x1234, 4);
  macBytes(mac).copy(payload, 28);
  payload.writeUInt32BE(0x63825363, 236);
  const options = [53, 1, kind, ...(requested ? [50, 4, ...requested.split('.').map(Number)] : []), 255];
  return writeDatagram(BROADCAST, {
    sourceMac: mac,
    source: { address: '0.0.0.0', port: 68 },
    target: { address: '255.255.255.255', port: 67 },
    payload: Buffer.concat([payload, Buffer.from(options)]),
  });
}

const messageKind = (frame: Buffer | undefined) => frame && readDatagram(frame)?.payload.at(242);

describe('the switch of a segment', () => {
  it('floods what it does not know, and sends to one port what it has learned', () => {
    const { send } = bench();
    expect(send('a', MACS.b, 'who are you')).toBe('bc');
    expect(send('b', MACS.a, 'me')).toBe('a');
    expect(send('a', MACS.b, 'again')).toBe('b');
    expect(send('a', BROADCAST, 'all')).toBe('bc');
    expect(send('a', '01:00:5e:00:00:01', 'a group')).toBe('bc');
  });

  it('forgets an address that was silent for five minutes, and a port that was unplugged', () => {
    const { send, pass, learning } = bench();
    send('b', BROADCAST, 'here');
    pass(299_000);
    expect(send('a', MACS.b, 'still known')).toBe('b');
    pass(2000);
    expect(send('a', MACS.b, 'aged')).toBe('bc');
    send('b', BROADCAST, 'here');
    learning.unplug('b');
    expect(send('a', MACS.b, 'gone')).toBe('c');
    expect(send('b', MACS.a, 'from nowhere')).toBe('');
  });

  it('finds a machine that has moved to another port', () => {
    const { send } = bench();
    send('b', BROADCAST, 'here');
    send('c', BROADCAST, 'and now here', MACS.b);
    expect(send('a', MACS.b, 'moved')).toBe('c');
  });

  it('counts for each port, and drops what is no frame', () => {
    const { send, learning } = bench();
    send('a', BROADCAST, 'one');
    learning.take('a', Buffer.from('short'));
    expect(learning.counters('a')).toEqual({
      receivedFrames: 0,
      receivedBytes: 0,
      sentFrames: 1,
      sentBytes: 17,
      dropped: 1,
    });
    expect(learning.counters('b')).toMatchObject({ receivedFrames: 1, receivedBytes: 17 });
  });

  it('answers the DHCP of a port that has a lease, and floods that of the others', () => {
    const { learning, frames } = bench({ a: LEASE });
    learning.take('a', dhcp(MACS.a, 1));
    expect(frames).toHaveLength(1);
    expect(messageKind(frames[0])).toBe(2);
    const offer = readDatagram(frames[0] ?? Buffer.alloc(0));
    expect(offer?.target).toEqual({ address: '10.10.0.5', port: 68 });
    expect([...(offer?.payload.subarray(16, 20) ?? [])]).toEqual([10, 10, 0, 5]);
    const words = offer?.payload.toString('latin1') ?? '';
    expect(words).toContain('\x03\x04\x0a\x0a\x00\x01');
    expect(words).toContain('\x79\x0d\x00\x0a\x0a\x00\x01\x18\xc0\xa8\x07\x0a\x0a\x00\x02');
    expect(words).toContain('\x77\x17\x03dev\x03svc\x07cluster\x05local\x00');
    frames.length = 0;
    learning.take('a', dhcp(MACS.a, 3, '10.10.0.5'));
    expect(messageKind(frames[0])).toBe(5);
    frames.length = 0;
    learning.take('a', dhcp(MACS.a, 3, '10.10.0.99'));
    expect(messageKind(frames[0])).toBe(6);
    frames.length = 0;
    learning.take('b', dhcp(MACS.b, 1));
    expect(frames).toHaveLength(2);
    expect(messageKind(frames[0])).toBe(1);
  });
});
