import { addressBytes, addressText, BROADCAST, readDatagram, writeDatagram } from './frame';

/** What KubeVirt's own DHCP server, in the launcher of a guest with bridge binding, calls itself. */
const SERVER_ADDRESS = '169.254.75.10';
const SERVER_MAC = '02:00:00:00:00:00';
/** 999 days: the address is the pod's and stays. */
const LEASE_SECONDS = 999 * 24 * 60 * 60;
const SERVER_PORT = 67;
const CLIENT_PORT = 68;
const HEADER_BYTES = 236;
const MAGIC = 0x63825363;
const MESSAGE = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6, inform: 8 };
const OPTION = {
  ...{ mask: 1, router: 3, servers: 6, hostname: 12, domain: 15, mtu: 26 },
  ...{ requested: 50, leaseTime: 51, message: 53, server: 54, search: 119, routes: 121, end: 255 },
};
const BROADCAST_FLAG = 0x8000;

/** What a network card is told when it asks by DHCP. */
export interface Lease {
  /** Without its prefix: `10.10.0.5`. */
  address: string;
  /** The length of the network's prefix: 24. */
  prefix: number;
  gateway?: string;
  routes?: { to: string; via: string }[];
  servers?: string[];
  search?: string[];
  domain?: string;
  hostname?: string;
  mtu?: number;
}

/** Whether a frame is a DHCP client's. */
export function isFromDhcpClient(frame: Buffer): boolean {
  const datagram = readDatagram(frame);
  return datagram?.target.port === SERVER_PORT && datagram.source.port === CLIENT_PORT;
}

/** The answer to a DHCP client's frame; undefined when it calls for none. */
export function answerDhcp(frame: Buffer, lease: Lease): Buffer | undefined {
  const request = readDatagram(frame)?.payload;
  if (!request || request.length < HEADER_BYTES + 4 || request.readUInt8(0) !== 1) return undefined;
  if (request.readUInt32BE(HEADER_BYTES) !== MAGIC) return undefined;
  const asked = readOptions(request.subarray(HEADER_BYTES + 4));
  const server = asked.get(OPTION.server);
  if (server && addressText(server) !== SERVER_ADDRESS) return undefined;
  const kind = answerTo(asked, request, lease);
  if (kind === undefined) return undefined;
  const options = kind === MESSAGE.nak ? [] : leaseOptions(lease, asked.get(OPTION.message)?.[0] ?? 0);
  const payload = Buffer.concat([
    header(request, kind === MESSAGE.nak ? undefined : lease.address),
    option(OPTION.message, Buffer.from([kind])),
    option(OPTION.server, addressBytes(SERVER_ADDRESS)),
    ...options,
    Buffer.from([OPTION.end]),
  ]);
  const broadcast = kind === MESSAGE.nak || (request.readUInt16BE(10) & BROADCAST_FLAG) !== 0;
  const client = request
    .subarray(28, 34)
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1:');
  return writeDatagram(broadcast ? BROADCAST : client, {
    sourceMac: SERVER_MAC,
    source: { address: SERVER_ADDRESS, port: SERVER_PORT },
    target: { address: broadcast ? '255.255.255.255' : lease.address, port: CLIENT_PORT },
    payload,
  });
}

function answerTo(
  asked: ReadonlyMap<number, Buffer>,
  request: Buffer,
  { address }: Lease,
): number | undefined {
  const kind = asked.get(OPTION.message)?.[0];
  if (kind === MESSAGE.discover) return MESSAGE.offer;
  if (kind === MESSAGE.inform) return MESSAGE.ack;
  if (kind !== MESSAGE.request) return undefined;
  // A renewal names its address in the header, all else in an option.
  const wanted = addressText(asked.get(OPTION.requested) ?? request.subarray(12, 16));
  return wanted === address ? MESSAGE.ack : MESSAGE.nak;
}

function header(request: Buffer, address: string | undefined): Buffer {
  const reply = Buffer.alloc(HEADER_BYTES + 4);
  request.copy(reply, 0, 0, HEADER_BYTES);
  reply.writeUInt8(2, 0);
  reply.writeUInt8(0, 3);
  // Who you are; the server's and the relay's addresses are left out, and so are the names.
  reply.fill(0, 16, 28);
  if (address) addressBytes(address).copy(reply, 16);
  reply.fill(0, 44, HEADER_BYTES);
  reply.writeUInt32BE(MAGIC, HEADER_BYTES);
  return reply;
}

function leaseOptions(lease: Lease, asked: number): Buffer[] {
  const { prefix, gateway, routes = [], servers = [], search = [], domain, hostname, mtu } = lease;
  const mask = Buffer.alloc(4);
  mask.writeUInt32BE(prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0);
  const time = Buffer.alloc(4);
  time.writeUInt32BE(LEASE_SECONDS);
  const size = Buffer.alloc(2);
  size.writeUInt16BE(mtu ?? 0);
  // Who gets classless routes ignores the router: it has to be among them.
  const all = gateway ? [{ to: '0.0.0.0/0', via: gateway }, ...routes] : routes;
  return [
    ...(asked === MESSAGE.inform ? [] : [option(OPTION.leaseTime, time)]),
    option(OPTION.mask, mask),
    ...(gateway ? [option(OPTION.router, addressBytes(gateway))] : []),
    ...(servers.length > 0 ? [option(OPTION.servers, Buffer.concat(servers.map(addressBytes)))] : []),
    ...(hostname ? [option(OPTION.hostname, Buffer.from(hostname))] : []),
    ...(domain ? [option(OPTION.domain, Buffer.from(domain))] : []),
    ...(mtu ? [option(OPTION.mtu, size)] : []),
    ...(search.length > 0 ? [option(OPTION.search, Buffer.concat(search.map(nameBytes)))] : []),
    ...(routes.length > 0 ? [option(OPTION.routes, Buffer.concat(all.map(routeBytes)))] : []),
  ];
}

/** RFC 3442: the prefix's length, as many bytes of the network as it covers, and the router. */
function routeBytes({ to, via }: { to: string; via: string }): Buffer {
  const [network = '', length = '32'] = to.split('/');
  const covered = addressBytes(network).subarray(0, Math.ceil(Number(length) / 8));
  return Buffer.concat([Buffer.from([Number(length)]), covered, addressBytes(via)]);
}

/** A domain name as DNS writes it, without compression. */
function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter(Boolean);
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

function option(code: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([code, value.length]), value]);
}

function readOptions(bytes: Buffer): Map<number, Buffer> {
  const options = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const code = bytes.readUInt8(at);
    if (code === OPTION.end) break;
    if (code === 0) {
      at += 1;
      continue;
    }
    if (at + 1 >= bytes.length) break;
    const length = bytes.readUInt8(at + 1);
    options.set(code, bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return options;
}
