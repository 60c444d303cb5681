/** DNS messages (RFC 1035), as far as a server for one domain reads and writes them. */

export const TYPE = { A: 1, CNAME: 5, SOA: 6, AAAA: 28, SRV: 33, ANY: 255 } as const;
export const CODE = { ok: 0, malformed: 1, unknownName: 3, notImplemented: 4, refused: 5 } as const;
const INTERNET = 1;
const HEADER_BYTES = 12;
/** A plain UDP answer has no room for more. */
const ANSWER_MAX = 512;
const TTL_SECONDS = 5;

export interface Question {
  id: number;
  /** Lower case, without the dot at the end. */
  name: string;
  type: number;
  recursionDesired: boolean;
  /** The question as it came, to be repeated in the answer. */
  raw: Buffer;
}

export type DnsRecord =
  | { name: string; type: 'A'; address: string }
  | { name: string; type: 'CNAME'; target: string }
  | { name: string; type: 'SRV'; port: number; target: string };

export interface DnsAnswer {
  code: number;
  answers: DnsRecord[];
  additional?: DnsRecord[];
}

/** The one question of a query; undefined for what is none. */
export function readQuestion(message: Buffer): Question | undefined {
  if (message.length < HEADER_BYTES + 5) return undefined;
  const flags = message.readUInt16BE(2);
  if ((flags & 0x8000) !== 0 || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(message.toString('latin1', at, at + length));
    at += length;
  }
  if (at + 4 > message.length) return undefined;
  return {
    id: message.readUInt16BE(0),
    name: labels.join('.').toLowerCase(),
    type: message.readUInt16BE(at),
    recursionDesired: (flags & 0x0100) !== 0,
    raw: message.subarray(HEADER_BYTES, at + 4),
  };
}

/** The answer's bytes; what does not fit is left out, and the client told so. */
export function writeAnswer(question: Question, { code, answers, additional = [] }: DnsAnswer): Buffer {
  const said: Buffer[] = [];
  let size = HEADER_BYTES + question.raw.length;
  let truncated = false;
  const add = (record: DnsRecord) => {
    const bytes = recordBytes(record);
    if (size + bytes.length > ANSWER_MAX) return false;
    said.push(bytes);
    size += bytes.length;
    return true;
  };
  let count = 0;
  for (const record of answers) {
    if (!add(record)) {
      truncated = true;
      break;
    }
    count += 1;
  }
  let more = 0;
  for (const record of truncated ? [] : additional) if (add(record)) more += 1;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(question.id, 0);
  // A response of the authority for the domain.
  const flags = 0x8400 | (truncated ? 0x0200 : 0) | (question.recursionDesired ? 0x0100 : 0) | code;
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(count, 6);
  header.writeUInt16BE(more, 10);
  return Buffer.concat([header, question.raw, ...said]);
}

function recordBytes(record: DnsRecord): Buffer {
  const data = dataOf(record);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(TYPE[record.type], 0);
  head.writeUInt16BE(INTERNET, 2);
  head.writeUInt32BE(TTL_SECONDS, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(record.name), head, data]);
}

function dataOf(record: DnsRecord): Buffer {
  if (record.type === 'A') return Buffer.from(record.address.split('.').map(Number));
  if (record.type === 'CNAME') return nameBytes(record.target);
  const numbers = Buffer.alloc(6);
  // Priority 0, and as much weight as every other.
  numbers.writeUInt16BE(100, 2);
  numbers.writeUInt16BE(record.port, 4);
  return Buffer.concat([numbers, nameBytes(record.target)]);
}

export function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter(Boolean);
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);
}
