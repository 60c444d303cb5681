/** Ethernet frames, as far as a switch and a DHCP responder read and write them. */

export const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const ETHERNET_HEADER = 14;
const IPV4 = 0x0800;
const IPV4_HEADER = 20;
const UDP = 17;
const UDP_HEADER = 8;
const LIFETIME = 64;

export interface Datagram {
  sourceMac: string;
  source: { address: string; port: number };
  target: { address: string; port: number };
  payload: Buffer;
}

const mac = (bytes: Buffer) => bytes.toString('hex').replace(/(..)(?=.)/g, '$1:');
export const macBytes = (text: string) => Buffer.from(text.replaceAll(':', ''), 'hex');
export const addressBytes = (text: string) => Buffer.from(text.split('.').map(Number));
export const addressText = (bytes: Buffer) => [...bytes].join('.');

/** Who a frame is for and who sent it; undefined for what is too short to be one. */
export function ends(frame: Buffer): { target: string; source: string } | undefined {
  if (frame.length < ETHERNET_HEADER) return undefined;
  return { target: mac(frame.subarray(0, 6)), source: mac(frame.subarray(6, 12)) };
}

/** Whether an address means a group (the broadcast address, too): no card has it. */
export function isGroup(address: string): boolean {
  return (Number.parseInt(address.slice(0, 2), 16) & 1) === 1;
}

/** The UDP datagram in a frame; undefined for anything else, fragments included. */
export function readDatagram(frame: Buffer): Datagram | undefined {
  if (frame.length < ETHERNET_HEADER + IPV4_HEADER + UDP_HEADER) return undefined;
  if (frame.readUInt16BE(12) !== IPV4) return undefined;
  const packet = frame.subarray(ETHERNET_HEADER);
  const header = (packet.readUInt8(0) & 15) * 4;
  const fragment = packet.readUInt16BE(6) & 0x3fff;
  if (packet.readUInt8(9) !== UDP || fragment !== 0 || packet.length < header + UDP_HEADER) return undefined;
  const udp = packet.subarray(header);
  const length = udp.readUInt16BE(4);
  if (length < UDP_HEADER || length > udp.length) return undefined;
  return {
    sourceMac: mac(frame.subarray(6, 12)),
    source: { address: addressText(packet.subarray(12, 16)), port: udp.readUInt16BE(0) },
    target: { address: addressText(packet.subarray(16, 20)), port: udp.readUInt16BE(2) },
    payload: udp.subarray(UDP_HEADER, length),
  };
}

/** A frame with one datagram for the card `targetMac`. */
export function writeDatagram(targetMac: string, { sourceMac, source, target, payload }: Datagram): Buffer {
  const frame = Buffer.alloc(ETHERNET_HEADER + IPV4_HEADER + UDP_HEADER + payload.length);
  macBytes(targetMac).copy(frame, 0);
  macBytes(sourceMac).copy(frame, 6);
  frame.writeUInt16BE(IPV4, 12);
  const packet = frame.subarray(ETHERNET_HEADER);
  packet.writeUInt8(0x45, 0);
  packet.writeUInt16BE(packet.length, 2);
  packet.writeUInt8(LIFETIME, 8);
  packet.writeUInt8(UDP, 9);
  addressBytes(source.address).copy(packet, 12);
  addressBytes(target.address).copy(packet, 16);
  packet.writeUInt16BE(checksum(packet.subarray(0, IPV4_HEADER)), 10);
  const udp = packet.subarray(IPV4_HEADER);
  udp.writeUInt16BE(source.port, 0);
  udp.writeUInt16BE(target.port, 2);
  udp.writeUInt16BE(udp.length, 4);
  // No checksum: IPv4 leaves UDP the choice.
  payload.copy(udp, UDP_HEADER);
  return frame;
}

/** The internet checksum: the ones' complement of the ones' complement sum. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  if (bytes.length % 2 === 1) sum += (bytes.at(-1) ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
