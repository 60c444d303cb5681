import { expect, test } from 'vitest';
import { readConnections } from './port-dialer';

test("QEMU's table of connections is read line by line", () => {
  const printed = [
    'Hub -1 (net0):',
    '  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ',
    '  TCP[ESTABLISHED]   31     127.0.0.1 41000      10.244.1.7    22     0     0',
    '  TCP[HOST_FORWARD]  30     127.0.0.1 41000      10.244.1.7    22     0     0',
    '  UDP[236 sec]       29    10.244.1.7 60210         1.1.1.1    53     0     0',
    '  ICMP[1 sec]        28    10.244.1.7     0         1.1.1.1     0     0     0',
  ].join('\r\n');
  expect(readConnections(printed)).toEqual([
    {
      protocol: 'tcp',
      state: 'ESTABLISHED',
      source: { address: '127.0.0.1', port: 41000 },
      target: { address: '10.244.1.7', port: 22 },
    },
    {
      protocol: 'tcp',
      state: 'HOST_FORWARD',
      source: { address: '127.0.0.1', port: 41000 },
      target: { address: '10.244.1.7', port: 22 },
    },
    {
      protocol: 'udp',
      state: '236 sec',
      source: { address: '10.244.1.7', port: 60210 },
      target: { address: '1.1.1.1', port: 53 },
    },
  ]);
});
