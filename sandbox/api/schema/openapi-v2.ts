import type { OpenApiDocument, ServedSchema } from './openapi';

/** Swagger 2.0, as kubectl before 1.27 and `kubectl apply` of a List read it. */
export interface Swagger {
  swagger: '2.0';
  info: { title: string; version: string };
  paths: Record<string, object>;
  definitions: Record<string, ServedSchema>;
}

type Fields = Record<string, unknown>;

const OLD_PREFIX = '#/components/schemas/';
const PREFIX = '#/definitions/';
/** What Swagger 2.0 has no words for. */
const UNKNOWN = ['nullable', 'oneOf', 'anyOf', 'not', 'x-kubernetes-validations'];
const NESTED = ['items', 'properties', 'additionalProperties', 'required'];
const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/** Puts OpenAPI v3 documents together into one of version 2, as kube-apiserver converts what its definitions say. */
export function swaggerOf(documents: readonly OpenApiDocument[]): Swagger {
  const paths: Record<string, object> = {};
  const definitions: Record<string, ServedSchema> = {};
  for (const document of documents) {
    for (const [path, item] of Object.entries(document.paths)) paths[path] = pathItem(item);
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      definitions[name] ??= oldSchema(schema);
    }
  }
  const sorted = Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.34.2' },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    definitions: Object.fromEntries(sorted),
  };
}

function oldSchema(schema: ServedSchema): ServedSchema {
  const { allOf, ...rest } = schema;
  // A reference with words of its own stands in an allOf in version 3, and plainly here.
  const [only, another] = (allOf as ServedSchema[] | undefined) ?? [];
  const wrapped = only && !another && typeof only.$ref === 'string' ? { $ref: only.$ref } : {};
  const old: ServedSchema = { ...rest, ...wrapped };
  if (typeof old.$ref === 'string') {
    old.$ref = old.$ref.replace(OLD_PREFIX, PREFIX);
    return {
      ...(old.description ? { description: old.description } : {}),
      ...mergeRules(old),
      $ref: old.$ref,
    };
  }
  if (schema.nullable || schema['x-kubernetes-preserve-unknown-fields']) {
    // kubectl checks nothing below a field that may be null or anything.
    for (const name of NESTED) delete old[name];
    if (schema.nullable) delete old.type;
  }
  const isNumberOrText = Array.isArray(schema.oneOf) && !schema.type;
  for (const name of UNKNOWN) delete old[name];
  if (isNumberOrText) old.type = 'string';
  if (schema['x-kubernetes-int-or-string']) {
    delete old.type;
    delete old.pattern;
  }
  if (isFields(old.items)) old.items = oldSchema(old.items);
  if (isFields(old.additionalProperties)) old.additionalProperties = oldSchema(old.additionalProperties);
  if (isFields(old.properties)) {
    const fields = Object.entries(old.properties).map(
      ([name, field]) => [name, oldSchema(field as ServedSchema)] as const,
    );
    old.properties = Object.fromEntries(fields);
  }
  return old;
}

function mergeRules(schema: ServedSchema): Fields {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name.startsWith('x-kubernetes-')));
}

function pathItem(item: Fields): Fields {
  const methods = METHODS.filter((method) => item[method]).map((method) => [
    method,
    operation(item[method] as Fields),
  ]);
  return { ...Object.fromEntries(methods), parameters: list(item.parameters).map(parameter) };
}

function operation({ requestBody, responses, parameters, ...rest }: Fields): Fields {
  const body = requestBody as { content: Record<string, { schema: ServedSchema }>; required?: boolean };
  const answers = Object.entries(responses as Record<string, { description: string; content?: Fields }>);
  const produces = answers.flatMap(([, { content }]) => Object.keys(content ?? {}));
  const inBody = body
    ? [
        {
          name: 'body',
          in: 'body',
          ...(body.required ? { required: true } : {}),
          schema: oldSchema(Object.values(body.content)[0]?.schema ?? {}),
        },
      ]
    : [];
  return {
    ...rest,
    consumes: body ? Object.keys(body.content) : ['*/*'],
    produces: [...new Set(produces)],
    parameters: [...inBody, ...list(parameters).map(parameter)],
    responses: Object.fromEntries(
      answers.map(([code, { description, content }]) => {
        const [first] = Object.values(content ?? {}) as { schema: ServedSchema }[];
        return [code, { description, ...(first ? { schema: oldSchema(first.schema) } : {}) }];
      }),
    ),
  };
}

function parameter({ schema, ...rest }: Fields): Fields {
  return { ...(schema as Fields), ...rest };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const list = (value: unknown): Fields[] => (Array.isArray(value) ? (value as Fields[]) : []);
