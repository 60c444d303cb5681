/**
 * How a field of a protobuf message is written:
 * - `text`, `flag`, `whole`, `double`: a scalar; with `[]` behind it, one for each item of a list.
 * - `any`: gnostic's Any, which holds a value as YAML; JSON is YAML.
 * - a message: by its table, for an object or, marked `many`, for each item of a list.
 * - `entries`: a message for each field of an object, with its name and value.
 * - `extensions`: the same for fields whose names begin with `x-`, which stand beside the others.
 */
export type Field =
  | { number: number; scalar: 'text' | 'flag' | 'whole' | 'double' | 'any'; many?: boolean }
  | { number: number; message: () => Table; many?: boolean; wrap?: (value: unknown) => unknown }
  | { number: number; entries: () => Table }
  | { number: number; extensions: true };

export type Table = Record<string, Field>;

const text = (number: number): Field => ({ number, scalar: 'text' });
const texts = (number: number): Field => ({ number, scalar: 'text', many: true });
const flag = (number: number): Field => ({ number, scalar: 'flag' });
const whole = (number: number): Field => ({ number, scalar: 'whole' });
const double = (number: number): Field => ({ number, scalar: 'double' });
const anything = (number: number): Field => ({ number, scalar: 'any' });
const anythings = (number: number): Field => ({ number, scalar: 'any', many: true });
const one = (number: number, message: () => Table): Field => ({ number, message });
const many = (number: number, message: () => Table): Field => ({ number, message, many: true });
const entries = (number: number, message: () => Table): Field => ({ number, entries: message });
const extensions = (number: number): Field => ({ number, extensions: true });

const list = (value: unknown) => (Array.isArray(value) ? value : [value]);

const INFO: Table = { title: text(1), version: text(2), description: text(3) };

/** A type is a list of types, items a list of schemas, and additional properties a schema or a flag. */
const TYPE: Table = { value: texts(1) };
const ITEMS: Table = { schema: many(1, () => SCHEMA) };
const ADDITIONAL: Table = { schema: one(1, () => SCHEMA), boolean: flag(2) };
const PROPERTIES: Table = { properties: entries(1, () => SCHEMA) };

export const SCHEMA: Table = {
  $ref: text(1),
  format: text(2),
  title: text(3),
  description: text(4),
  default: anything(5),
  multipleOf: double(6),
  maximum: double(7),
  exclusiveMaximum: flag(8),
  minimum: double(9),
  exclusiveMinimum: flag(10),
  maxLength: whole(11),
  minLength: whole(12),
  pattern: text(13),
  maxItems: whole(14),
  minItems: whole(15),
  uniqueItems: flag(16),
  maxProperties: whole(17),
  minProperties: whole(18),
  required: texts(19),
  enum: anythings(20),
  additionalProperties: {
    number: 21,
    message: () => ADDITIONAL,
    wrap: (value) => (typeof value === 'boolean' ? { boolean: value } : { schema: value }),
  },
  type: { number: 22, message: () => TYPE, wrap: (value) => ({ value: list(value) }) },
  items: { number: 23, message: () => ITEMS, wrap: (value) => ({ schema: list(value) }) },
  allOf: many(24, () => SCHEMA),
  properties: { number: 25, message: () => PROPERTIES, wrap: (value) => ({ properties: value }) },
  extensions: extensions(31),
};

const BODY_PARAMETER: Table = {
  description: text(1),
  name: text(2),
  in: text(3),
  required: flag(4),
  schema: one(5, () => SCHEMA),
};
const QUERY_PARAMETER: Table = {
  required: flag(1),
  in: text(2),
  description: text(3),
  name: text(4),
  type: text(6),
  format: text(7),
  uniqueItems: flag(20),
};
const PATH_PARAMETER: Table = {
  required: flag(1),
  in: text(2),
  description: text(3),
  name: text(4),
  type: text(5),
  format: text(6),
  uniqueItems: flag(19),
};
const NON_BODY: Table = { query: one(3, () => QUERY_PARAMETER), path: one(4, () => PATH_PARAMETER) };
const PARAMETER: Table = { body: one(1, () => BODY_PARAMETER), other: one(2, () => NON_BODY) };
const PARAMETERS_ITEM: Table = { parameter: one(1, () => PARAMETER) };
const parameters = (number: number): Field => ({
  number,
  message: () => PARAMETERS_ITEM,
  many: true,
  wrap(value) {
    const place = (value as { in: string }).in;
    return { parameter: place === 'body' ? { body: value } : { other: { [place]: value } } };
  },
});

const SCHEMA_ITEM: Table = { schema: one(1, () => SCHEMA) };
const RESPONSE: Table = {
  description: text(1),
  schema: { number: 2, message: () => SCHEMA_ITEM, wrap: (schema) => ({ schema }) },
};
const RESPONSE_VALUE: Table = { response: one(1, () => RESPONSE) };
const RESPONSES: Table = { codes: entries(1, () => RESPONSE_VALUE) };
const OPERATION: Table = {
  tags: texts(1),
  summary: text(2),
  description: text(3),
  operationId: text(5),
  produces: texts(6),
  consumes: texts(7),
  parameters: parameters(8),
  responses: {
    number: 9,
    message: () => RESPONSES,
    wrap: (value) => ({
      codes: Object.fromEntries(
        Object.entries(value as object).map(([code, response]) => [code, { response }]),
      ),
    }),
  },
  extensions: extensions(13),
};
const PATH_ITEM: Table = {
  get: one(2, () => OPERATION),
  put: one(3, () => OPERATION),
  post: one(4, () => OPERATION),
  delete: one(5, () => OPERATION),
  patch: one(8, () => OPERATION),
  parameters: parameters(9),
};
const PATHS: Table = { path: entries(2, () => PATH_ITEM) };
const DEFINITIONS: Table = { definitions: entries(1, () => SCHEMA) };

/** gnostic's openapi.v2.Document, as far as a Kubernetes API has something to say in it. */
export const DOCUMENT: Table = {
  swagger: text(1),
  info: one(2, () => INFO),
  paths: { number: 8, message: () => PATHS, wrap: (path) => ({ path }) },
  definitions: { number: 9, message: () => DEFINITIONS, wrap: (definitions) => ({ definitions }) },
};
