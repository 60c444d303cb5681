import type { Claim, Kitchen } from './requests';

const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

export interface LiveCase {
  id: string;
  handshake: string;
  frames: string[];
  claim: Claim;
}

/** A live socket and everything that should not be sent over it, among a few things that may be. */
export function liveCase({ random, identities, host }: Kitchen, id: string): LiveCase {
  const identity = identities.pick(random, id);
  const handshake = [
    'GET /api/live HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${btoa('0123456789abcdef')}`,
    ...identity.headers,
  ].join('\r\n');
  const good = Array.from({ length: 1 + random.int(12) }, (_, index) =>
    frame(OPCODES.text, subscription(random.pick(['fake', 'fake', 'second']), `${id}-${index}`, id)),
  );
  const bad = random.pick(HOSTILE)({ random, identities, host }, id);
  return {
    id,
    handshake: `${handshake}\r\n\r\n`,
    // What breaks the protocol ends the socket, so it comes last; the other frames get their chance before.
    frames: [...good, ...bad],
    claim: { id, target: '', entitled: identity.entitled },
  };
}

function subscription(cluster: string, id: string, label: string): string {
  const resource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
  return JSON.stringify({
    type: 'subscribe',
    id,
    cluster,
    subscription: { kind: 'objects', resource, labelSelector: `case=${label}` },
  });
}

function objects(resource: object, more: object = {}): string {
  const whole = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true, ...resource };
  return JSON.stringify({
    type: 'subscribe',
    id: 'x',
    cluster: 'fake',
    subscription: { kind: 'objects', resource: whole, ...more },
  });
}

const HOSTILE: readonly ((kitchen: Kitchen, id: string) => string[])[] = [
  () => [frame(OPCODES.text, objects({ plural: '../../../api/v1/secrets' }))],
  () => [frame(OPCODES.text, objects({ group: 'x/../..' }))],
  () => [frame(OPCODES.text, objects({ version: 'v1?x' }))],
  () => [frame(OPCODES.text, objects({}, { namespace: '../kube-system' }))],
  () => [frame(OPCODES.text, objects({}, { namespace: 'a%2f..' }))],
  (_, id) => [
    frame(OPCODES.text, objects({}, { labelSelector: `case=${id}&x=1 HTTP/1.1\r\nx-injected: 1` })),
  ],
  () => [frame(OPCODES.text, '{"__proto__":{"type":"subscribe"},"id":"1"}')],
  () => [
    frame(OPCODES.text, '{"type":"subscribe","id":"1","cluster":"__proto__","subscription":{"kind":"vms"}}'),
  ],
  () => [frame(OPCODES.text, '['.repeat(30_000))],
  () => [frame(OPCODES.text, 'null')],
  ({ random }) => [frame(OPCODES.text, random.bytes(100))],
  ({ random }) => [frame(OPCODES.binary, random.bytes(100))],
  () => [frame(OPCODES.text, 'a'.repeat(70_000))],
  () => [frame(OPCODES.text, '{}', { masked: false })],
  () => [frame(OPCODES.text, '{}', { reserved: 0x40 })],
  () => [frame(3, '')],
  () => [frame(OPCODES.continuation, '{}')],
  () => [frame(OPCODES.ping, 'a'.repeat(126))],
  () => [frame(OPCODES.close, 'a')],
  () => [frame(OPCODES.text, '', { length: Number.MAX_SAFE_INTEGER })],
  () =>
    Array.from({ length: 300 }, (_, index) =>
      frame(OPCODES.text, subscription('fake', `many-${index}`, 'many')),
    ),
  () => Array.from({ length: 20 }, () => frame(OPCODES.text, '{', { final: false })),
];

/** A client's frame (RFC 6455 section 5.2), or what only looks like one. */
function frame(
  opcode: number,
  payload: string,
  { masked = true, final = true, reserved = 0, length = payload.length } = {},
): string {
  const bytes = Buffer.from(payload, 'latin1');
  const mask = Buffer.from([7, 21, 160, 93]);
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + size);
  head[0] = (final ? 0x80 : 0) | reserved | opcode;
  head[1] = (masked ? 0x80 : 0) | (size === 0 ? length : size === 2 ? 126 : 127);
  if (size === 2) head.writeUInt16BE(length, 2);
  if (size === 8) head.writeBigUInt64BE(BigInt(length), 2);
  if (masked) for (const [index, byte] of bytes.entries()) bytes[index] = byte ^ (mask[index % 4] ?? 0);
  return Buffer.concat([head, ...(masked ? [mask] : []), bytes]).toString('latin1');
}
