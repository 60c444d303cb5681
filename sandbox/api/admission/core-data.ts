import type { StatusCause } from '../errors';
import type { KubeObject } from '../objects';
import { invalidValue } from './field-error';

const MAX_BYTES = 1024 * 1024;
const KEY_TEXT =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** Keys and total size of a Secret's or ConfigMap's data. */
export function keyCauses(object: KubeObject, fields: string[]): StatusCause[] {
  const causes: StatusCause[] = [];
  let bytes = 0;
  for (const field of fields) {
    // The schema check has seen to it that these are maps of strings.
    const data = (object[field] ?? {}) as Record<string, string>;
    for (const [key, value] of Object.entries(data)) {
      const text = field === 'data' && object.kind === 'ConfigMap' ? value : Buffer.from(value, 'base64');
      bytes += Buffer.byteLength(text);
      causes.push(...configKeyErrors(key).map((why) => invalidValue(`${field}[${key}]`, key, why)));
    }
  }
  if (bytes <= MAX_BYTES) return causes;
  const message = `Too long: may not be more than ${MAX_BYTES} bytes`;
  return [
    ...causes,
    { reason: 'FieldValueTooLong', message, field: object.kind === 'ConfigMap' ? '' : 'data' },
  ];
}

function configKeyErrors(key: string): string[] {
  const found: string[] = [];
  if (key.length > 253) found.push('must be no more than 253 bytes');
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) found.push(KEY_TEXT);
  if (key === '.' || key === '..') found.push(`must not be '${key}'`);
  else if (key.startsWith('..')) found.push("must not start with '..'");
  return found;
}
