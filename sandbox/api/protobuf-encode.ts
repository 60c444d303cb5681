import type { Field, Table } from './schema/gnostic-messages';

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;

/** Writes `value` as the protobuf message that the table describes. Fields the table does not know are left out. */
export function encodeProtobuf(value: unknown, table: Table): Buffer {
  return message(value as Record<string, unknown>, table);
}

function message(value: Record<string, unknown>, table: Table): Buffer {
  const parts: Buffer[] = [];
  for (const [name, field] of Object.entries(table)) {
    if ('extensions' in field) {
      for (const [key, inner] of Object.entries(value)) {
        if (key.startsWith('x-')) parts.push(delimited(field.number, named(key, any(inner))));
      }
      continue;
    }
    const found = value[name];
    if (found !== undefined && found !== null) parts.push(...written(found, field));
  }
  return Buffer.concat(parts);
}

function written(value: unknown, field: Exclude<Field, { extensions: true }>): Buffer[] {
  const { number } = field;
  if ('entries' in field) {
    return Object.entries(value as Record<string, unknown>).map(([key, inner]) =>
      delimited(number, named(key, message(inner as Record<string, unknown>, field.entries()))),
    );
  }
  const items = field.many ? (value as unknown[]) : [value];
  if ('message' in field) {
    return items.map((item) => {
      const inner = field.wrap ? field.wrap(item) : item;
      return delimited(number, message(inner as Record<string, unknown>, field.message()));
    });
  }
  return items.map((item) => scalar(item, number, field.scalar));
}

function scalar(value: unknown, number: number, kind: 'text' | 'flag' | 'whole' | 'double' | 'any'): Buffer {
  switch (kind) {
    case 'text':
      return delimited(number, Buffer.from(String(value)));
    case 'any':
      return delimited(number, any(value));
    case 'double': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(Number(value));
      return Buffer.concat([tag(number, FIXED64), bytes]);
    }
    default:
      return Buffer.concat([tag(number, VARINT), varint(Number(value))]);
  }
}

/** A pair of name and value, each under its usual number. */
function named(name: string, value: Buffer): Buffer {
  return Buffer.concat([delimited(1, Buffer.from(name)), delimited(2, value)]);
}

/** gnostic's Any: the value as YAML, of which JSON is a part. */
function any(value: unknown): Buffer {
  return delimited(2, Buffer.from(`${JSON.stringify(value)}\n`));
}

function delimited(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([tag(number, DELIMITED), varint(bytes.length), bytes]);
}

const tag = (number: number, wire: number) => varint(number * 8 + wire);

/** Counts of up to 53 bits; nothing here is negative. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
