import { MESSAGES, type Message } from './protobuf-messages';

type Json = Record<string, unknown>;

/** What every Kubernetes protobuf body begins with; a runtime.Unknown follows. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

const ENVELOPE: Message = {
  1: ['type', 'message', { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] }],
  2: ['raw', 'bytes'],
};

/**
 * Decodes a body of `application/vnd.kubernetes.protobuf` into the object that JSON would have given. kubectl's typed
 * commands (create namespace, auth can-i …) send it without asking what the server speaks.
 * Undefined for kinds that are not in the table, and for what is no such body.
 */
export function decodeProtobuf(body: Buffer): Json | undefined {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const { type, raw } = decode(body.subarray(MAGIC.length), ENVELOPE) as { type?: Json; raw?: string };
  const { apiVersion, kind } = type ?? {};
  const message = MESSAGES[`${String(apiVersion)}/${String(kind)}`];
  return message && { apiVersion, kind, ...decode(Buffer.from(raw ?? '', 'base64'), message) };
}

function decode(bytes: Buffer, message: Message): Json {
  const object: Json = {};
  let position = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; position < bytes.length; shift += 7n) {
      const byte = bytes[position++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (position < bytes.length) {
    const tag = Number(varint());
    const field = message[tag >> 3];
    const wire = tag & 7;
    if (wire === VARINT) {
      const value = varint();
      if (field) object[field[0]] = field[1] === 'boolean' ? value !== 0n : Number(BigInt.asIntN(64, value));
    } else if (wire === DELIMITED) {
      const length = Number(varint());
      if (field) place(object, field, bytes.subarray(position, position + length));
      position += length;
    } else if (wire === FIXED64 || wire === FIXED32) {
      position += wire === FIXED64 ? 8 : 4;
    } else {
      break;
    }
  }
  return object;
}

/** Puts a length-delimited value where it belongs. Empty strings are how Go writes fields that are not set. */
function place(object: Json, [name, type, inner]: Message[number], bytes: Buffer): void {
  const add = (value: unknown) => {
    const known = object[name];
    object[name] = Array.isArray(known) ? [...known, value] : [value];
  };
  switch (type) {
    case 'string':
      if (bytes.length > 0) object[name] = bytes.toString('utf8');
      break;
    case 'strings':
      add(bytes.toString('utf8'));
      break;
    case 'bytes':
      object[name] = bytes.toString('base64');
      break;
    case 'message':
      object[name] = decode(bytes, inner ?? {});
      break;
    case 'inline':
      Object.assign(object, decode(bytes, inner ?? {}));
      break;
    case 'messages':
      add(decode(bytes, inner ?? {}));
      break;
    case 'map': {
      const { key, value } = decode(bytes, { 1: ['key', 'string'], 2: inner?.[2] ?? ['value', 'string'] });
      const map = (object[name] ?? {}) as Json;
      object[name] = { ...map, [String(key ?? '')]: value ?? '' };
      break;
    }
    case 'quantity':
      object[name] = decode(bytes, { 1: ['text', 'string'] }).text ?? '0';
      break;
    case 'intOrString': {
      const { kind, number, text } = decode(bytes, {
        1: ['kind', 'number'],
        2: ['number', 'number'],
        3: ['text', 'string'],
      });
      object[name] = kind === 1 ? (text ?? '') : (number ?? 0);
      break;
    }
    case 'time': {
      const { seconds } = decode(bytes, { 1: ['seconds', 'number'] });
      if (typeof seconds === 'number')
        object[name] = `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
      break;
    }
  }
}
