import { expect, it } from 'vitest';
import { userNetwork } from './user-network';

it('hands out exactly the address of the card, with router and name server beside it', () => {
  expect(userNetwork('10.244.3.17')).toEqual({
    net: '10.244.3.0/24',
    host: '10.244.3.1',
    dns: '10.244.3.2',
    dhcpstart: '10.244.3.17',
  });
  expect(userNetwork('10.0.2.2')).toMatchObject({ host: '10.0.2.1', dns: '10.0.2.3', dhcpstart: '10.0.2.2' });
});

it.each(['', 'fd00::1', '10.0.0', '10.0.0.255', '10.0.0.0', '10.0.0.x'])(
  'refuses the address "%s"',
  (address) => {
    expect(() => userNetwork(address)).toThrow('is no IPv4 address');
  },
);
