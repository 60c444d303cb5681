import { parseQuantity } from '../admission/quantity';
import { INT_OR_STRING, QUANTITY, resolve, TIMES } from './definitions';
import type { Schema } from './schema-type';

const RANGES: Record<string, [number, number]> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  // The greatest one, 2^63 - 1, is read as 2^63 here.
  int64: [-(2 ** 63), 2 ** 63],
  uint32: [0, 2 ** 32 - 1],
  uint: [0, 2 ** 64],
};

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

interface Place {
  /** Path without indexes, as Go names fields. */
  path: string;
  /** The Go struct that the error names. */
  struct: string;
}

/**
 * The first error that Go's JSON decoder would make of `value`, were it decoded into the struct that the schema
 * describes, or undefined. `struct` fixes the struct's name in the text; without it, it is the innermost one.
 */
export function goDecodeError(
  value: unknown,
  schema: Schema,
  path: string,
  struct?: string,
): string | undefined {
  return decode(value, schema, { path, struct: struct ?? '' }, struct === undefined);
}

function decode(value: unknown, given: Schema, place: Place, innermost: boolean): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (given.$ref === QUANTITY) return decodeQuantity(value, place);
  if (given.$ref && TIMES.includes(given.$ref)) return decodeTime(value, place);
  if (given.$ref === INT_OR_STRING) {
    return typeof value === 'string' || Number.isInteger(value)
      ? undefined
      : mismatch(value, 'intstr.IntOrString', place);
  }
  const schema = resolve(given);
  if (schema.type === 'array') {
    if (!Array.isArray(value)) return mismatch(value, goType(given), place);
    const { items } = schema;
    return items ? first(value, (item) => decode(item, items, place, innermost)) : undefined;
  }
  if (schema.type === 'object') return decodeObject(value, given, schema, place, innermost);
  if (schema.type === 'integer') return decodeInteger(value, schema.format ?? 'int64', place);
  if (schema.type === 'string' && typeof value !== 'string') return mismatch(value, goType(given), place);
  if (schema.type === 'boolean' && typeof value !== 'boolean') return mismatch(value, 'bool', place);
  if (schema.format === 'byte') return decodeBase64(String(value));
  return undefined;
}

function decodeObject(
  value: unknown,
  given: Schema,
  schema: Schema,
  place: Place,
  innermost: boolean,
): string | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return mismatch(value, goType(given), place);
  const struct = innermost && given.$ref ? lastPart(given.$ref) : place.struct;
  // Go's encoders write keys sorted, and its decoders read them in that order.
  const entries = Object.entries(value as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
  return first(entries, ([name, field]) => {
    const known = schema.properties?.[name];
    if (known)
      return decode(field, known, { path: place.path ? `${place.path}.${name}` : name, struct }, innermost);
    return schema.additionalProperties
      ? decode(field, schema.additionalProperties, place, innermost)
      : undefined;
  });
}

function first<T>(list: T[], look: (item: T) => string | undefined): string | undefined {
  for (const item of list) {
    const error = look(item);
    if (error !== undefined) return error;
  }
  return undefined;
}

function decodeInteger(value: unknown, format: string, place: Place): string | undefined {
  if (typeof value !== 'number') return mismatch(value, format, place);
  const [least, most] = RANGES[format] ?? RANGES.int64 ?? [0, 0];
  return Number.isInteger(value) && value >= least && value <= most
    ? undefined
    : mismatch(value, format, place, true);
}

function decodeQuantity(value: unknown, place: Place): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number')
    return mismatch(value, 'resource.Quantity', place);
  const parsed = parseQuantity(value);
  return 'error' in parsed ? parsed.error : undefined;
}

function decodeTime(value: unknown, place: Place): string | undefined {
  if (typeof value !== 'string') return mismatch(value, 'string', place);
  if (value === '') return undefined;
  const parts = RFC3339.exec(value)?.slice(1).map(Number);
  if (parts) {
    const wrong = outOfRange(parts);
    return wrong && `parsing time ${JSON.stringify(value)}: ${wrong} out of range`;
  }
  return `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`;
}

/** The part that no calendar or clock has, in the order in which Go's time.Parse looks at them. */
function outOfRange([year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: number[]) {
  if (month < 1 || month > 12) return 'month';
  if (hour > 23) return 'hour';
  if (minute > 59) return 'minute';
  if (second > 59) return 'second';
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return day < 1 || day > days ? 'day' : undefined;
}

/** Go's base64.StdEncoding names the first byte that is wrong, or where an incomplete group of four begins. */
function decodeBase64(text: string): string | undefined {
  const illegal = /[^A-Za-z0-9+/=\r\n]|=(?![=\r\n]*$)/.exec(text);
  const plain = text.replaceAll(/[\r\n]/g, '');
  const at = illegal ? illegal.index : plain.length % 4 === 0 ? -1 : plain.length - (plain.length % 4);
  return at < 0 ? undefined : `illegal base64 data at input byte ${at}`;
}

function mismatch(value: unknown, type: string, { path, struct }: Place, show = false): string {
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${found}${show ? ` ${value}` : ''} into Go struct field ${struct}.${path} of type ${type}`;
}

const lastPart = (name: string) => name.slice(name.lastIndexOf('.') + 1);

function goType(given: Schema): string {
  if (given.$ref) return given.$ref.split('.').slice(-2).join('.');
  if (given.type === 'array') return `[]${goType(given.items ?? {})}`;
  if (given.type === 'object')
    return `map[string]${goType(given.additionalProperties ?? { type: 'string' })}`;
  if (given.type === 'boolean') return 'bool';
  if (given.format === 'byte') return '[]uint8';
  return given.format ?? given.type ?? 'interface {}';
}
