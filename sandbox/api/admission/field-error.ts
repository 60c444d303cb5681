import type { StatusCause } from '../errors';

/** One problem as k8s.io/apimachinery's field.Error words it: `Invalid value: "x": why`. */
export const invalidValue = (field: string, value: unknown, why: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${show(value)}: ${why}`,
  field,
});

export const requiredValue = (field: string, why = ''): StatusCause => ({
  reason: 'FieldValueRequired',
  message: why ? `Required value: ${why}` : 'Required value',
  field,
});

export const forbiddenValue = (field: string, why: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
  field,
});

export const notFoundValue = (field: string, value: unknown): StatusCause => ({
  reason: 'FieldValueNotFound',
  message: `Not found: ${show(value)}`,
  field,
});

export const duplicateValue = (field: string, value: unknown): StatusCause => ({
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${show(value)}`,
  field,
});

export const unsupportedValue = (field: string, value: unknown, supported: string[]): StatusCause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${show(value)}: supported values: ${supported.map((one) => `"${one}"`).join(', ')}`,
  field,
});

export const typeInvalid = (field: string, value: unknown, why: string): StatusCause => ({
  reason: 'FieldValueTypeInvalid',
  message: `Invalid value: ${show(value)}: ${why}`,
  field,
});

export const tooLong = (field: string, max: number): StatusCause => ({
  reason: 'FieldValueTooLong',
  message: `Too long: may not be more than ${max} bytes`,
  field,
});

export const tooMany = (field: string, found: number, max: number): StatusCause => ({
  reason: 'FieldValueTooMany',
  message: `Too many: ${found}: must have at most ${max} items`,
  field,
});

/** Values as Go prints them in these messages: strings quoted, the rest as JSON. */
function show(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

/** `field: message`, the way one cause stands in the message of a refusal. */
export const lineOf = ({ field, message }: StatusCause): string => (field ? `${field}: ${message}` : message);
