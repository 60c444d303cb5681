import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Who sent a request, as far as this server and the proxies that it trusts can tell. */
interface Sender {
  address: string;
  secure: boolean;
}

const senders = new WeakMap<IncomingMessage, Sender>();
const IPV4_IN_IPV6 = /^::ffff:(?=\d+\.)/i;

/** The reverse proxies whose X-Forwarded-For and X-Forwarded-Proto count; nobody else's do. */
export class TrustedProxies {
  private readonly list = new BlockList();

  /**
   * @param ranges addresses or CIDR ranges, e.g. `10.0.0.0/8`, `fd00::/8`, `192.0.2.7`
   * @throws RangeError naming the range that is none
   */
  constructor(ranges: readonly string[] = []) {
    for (const range of ranges) {
      const [address = '', bits, ...more] = range.split('/');
      const family = isIP(address);
      const length = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits);
      const fits = /^\d*$/.test(bits ?? '') && bits !== '' && length <= (family === 6 ? 128 : 32);
      if (family === 0 || !fits || more.length > 0) throw new RangeError(range);
      this.list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
    }
  }

  includes(address: string): boolean {
    return isIP(address) !== 0 && this.list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}

/** Finds out who sent a request, once, before anything else looks at it. */
export function identifySender(request: IncomingMessage, trusted: TrustedProxies): void {
  senders.set(request, {
    address: forwardedAddress(peerAddress(request), request.headers['x-forwarded-for'], trusted),
    secure: trusted.includes(peerAddress(request))
      ? (lastOf(request.headers['x-forwarded-proto']) ?? ownProtocol(request)) === 'https'
      : ownProtocol(request) === 'https',
  });
}

/** The address of the person's machine, behind trusted proxies too; for rate limits and the audit log. */
export function clientAddress(request: IncomingMessage): string {
  return senders.get(request)?.address ?? peerAddress(request);
}

/** Whether the browser speaks TLS, to this server or to a trusted proxy before it. */
export function isSecure(request: IncomingMessage): boolean {
  return senders.get(request)?.secure ?? ownProtocol(request) === 'https';
}

/**
 * The part of an address that one person holds: an IPv6 subscriber has a whole /64, and would otherwise be 2^64 people.
 */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const first = head.split(':').filter(Boolean);
  const last = tail.split(':').filter(Boolean);
  const zeros = address.includes('::') ? Math.max(0, 8 - first.length - last.length) : 0;
  return `${[...first, ...Array<string>(zeros).fill('0'), ...last].slice(0, 4).join(':')}::/64`;
}

/** From the nearest hop outwards, the first address that is no trusted proxy: what stands left of it anybody may have written. */
function forwardedAddress(
  peer: string,
  header: string | string[] | undefined,
  trusted: TrustedProxies,
): string {
  const hops = String(header ?? '')
    .split(',')
    .map(bareAddress);
  let address = peer;
  while (trusted.includes(address)) {
    const next = hops.pop();
    if (!next) break;
    address = next;
  }
  return address;
}

/** An entry of X-Forwarded-For without port and brackets; undefined when it is no address. */
function bareAddress(entry: string): string | undefined {
  const text = entry.trim();
  const bare = /^\[([^\]]*)\](:\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(bare) === 0 ? undefined : bare.replace(IPV4_IN_IPV6, '');
}

/** Who is at the other end of the connection: the reverse proxy, where there is one. */
export function peerAddress({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? '').replace(IPV4_IN_IPV6, '');
}

function ownProtocol({ socket }: IncomingMessage): string {
  return (socket as TLSSocket).encrypted ? 'https' : 'http';
}

function lastOf(header: string | string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header).split(',').at(-1)?.trim().toLowerCase();
}
