import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { addressKey, clientAddress, identifySender, isSecure, TrustedProxies } from './client-address';

function request(peer: string, headers: Record<string, string> = {}, encrypted = false): IncomingMessage {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: peer });
  Object.assign(socket, { encrypted });
  return Object.assign(new IncomingMessage(socket), { headers });
}

function senderOf(peer: string, headers: Record<string, string>, ranges: string[], encrypted = false) {
  const it = request(peer, headers, encrypted);
  identifySender(it, new TrustedProxies(ranges));
  return [clientAddress(it), isSecure(it)];
}

describe('identifySender', () => {
  const forged = { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https' };

  it('believes no forwarded header of a peer that is not trusted', () => {
    expect(senderOf('192.0.2.1', forged, [])).toEqual(['192.0.2.1', false]);
    expect(senderOf('192.0.2.1', forged, ['10.0.0.0/8'])).toEqual(['192.0.2.1', false]);
    expect(senderOf('192.0.2.1', { 'x-forwarded-proto': 'http' }, [], true)).toEqual(['192.0.2.1', true]);
  });

  it('takes the first address from the right that is no trusted proxy', () => {
    const chain = (text: string) => senderOf('10.0.0.1', { 'x-forwarded-for': text }, ['10.0.0.0/8'])[0];
    expect(chain('6.6.6.6, 192.0.2.9, 10.0.0.2')).toBe('192.0.2.9');
    expect(chain('192.0.2.9:4711')).toBe('192.0.2.9');
    expect(chain('[2001:db8::1]:80')).toBe('2001:db8::1');
    expect(chain('192.0.2.9, nonsense')).toBe('10.0.0.1');
    expect(chain('')).toBe('10.0.0.1');
    expect(senderOf('::ffff:10.0.0.1', { 'x-forwarded-for': '192.0.2.9' }, ['10.0.0.1'])[0]).toBe(
      '192.0.2.9',
    );
  });

  it("takes the nearest proxy's word for the protocol", () => {
    const proto = (text: string) => senderOf('fd00::1', { 'x-forwarded-proto': text }, ['fd00::/8'])[1];
    expect([proto('https'), proto('HTTPS'), proto('http'), proto('https, http')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'proxy.example', '10.0.0.0/', '10.0.0.0/8/8', '::/129', '/8', ''])(
    'takes no range %s',
    (range) => expect(() => new TrustedProxies([range])).toThrow(RangeError),
  );
});

describe('addressKey', () => {
  it('is one for a whole IPv6 subscriber', () => {
    expect(addressKey('192.0.2.1')).toBe('192.0.2.1');
    expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(addressKey('2001:DB8:1:2::6')).toBe('2001:db8:1:2::/64');
    expect(addressKey('2001:db8::6')).toBe('2001:db8:0:0::/64');
    expect(addressKey('::1')).toBe('0:0:0:0::/64');
  });
});
