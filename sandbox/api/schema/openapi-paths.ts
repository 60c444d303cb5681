import type { ResourceType } from '../resource-type';

export type PathItem = Record<string, unknown>;

const JSON_TYPE = 'application/json';
// Strategic merge is served but not told: kubectl would then look for merge keys here, which these schemas lack, rather
// than in its own types, which have them.
const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
];

const query = (name: string, description: string, type = 'string') => ({
  name,
  in: 'query',
  description,
  schema: { type, uniqueItems: true },
});
const place = (name: string, description: string) => ({
  name,
  in: 'path',
  description,
  required: true,
  schema: { type: 'string', uniqueItems: true },
});

const WRITE_PARAMETERS = [
  query('dryRun', 'With the value All, everything is checked and nothing is stored.'),
  query('fieldManager', 'Name of the client that owns the fields written.'),
  query('fieldValidation', 'What to do about unknown fields: Ignore, Warn (the default) or Strict.'),
];
const FORCE = query('force', 'Take over fields that other managers own. Apply patches only.', 'boolean');
const LIST_PARAMETERS = [
  query('continue', 'Token of the next page, from the metadata of the page before.'),
  query('fieldSelector', 'Restricts the list to objects whose fields match.'),
  query('labelSelector', 'Restricts the list to objects whose labels match.'),
  query('limit', 'The most objects in one page.', 'integer'),
  query('resourceVersion', 'The version from which to list or watch.'),
  query('timeoutSeconds', 'After how many seconds the server ends the call.', 'integer'),
  query('watch', 'Streams changes instead of answering with a list.', 'boolean'),
];
const DELETE_PARAMETERS = [
  query('dryRun', 'With the value All, everything is checked and nothing is deleted.'),
  query('gracePeriodSeconds', 'Seconds that the object has to end on its own.', 'integer'),
  query('propagationPolicy', 'What happens to dependents: Background, Foreground or Orphan.'),
];

interface Operation {
  verb: string;
  action: string;
  words: string;
  parameters?: unknown[];
  body?: unknown;
  answer: string;
}

/** `GET`, `POST` and `DELETE` of a collection. */
export function listOperations(type: ResourceType, version: string, ref: string): PathItem {
  return pathItem(
    type,
    version,
    [],
    [
      {
        verb: 'get',
        action: 'list',
        words: 'list or watch',
        parameters: LIST_PARAMETERS,
        answer: `${ref}List`,
      },
      {
        verb: 'post',
        action: 'post',
        words: 'create one',
        parameters: WRITE_PARAMETERS,
        body: content([JSON_TYPE], ref),
        answer: ref,
      },
      {
        verb: 'delete',
        action: 'deletecollection',
        words: 'delete a collection of',
        parameters: [...LIST_PARAMETERS, ...DELETE_PARAMETERS],
        answer: `${ref}List`,
      },
    ],
  );
}

/** `GET`, `PUT`, `PATCH` and `DELETE` of one object. */
export function objectOperations(type: ResourceType, version: string, ref: string): PathItem {
  const parameters = DELETE_PARAMETERS;
  return pathItem(type, version, nameOf(type), [
    ...changeOperations(ref, ''),
    { verb: 'delete', action: 'delete', words: 'delete one', parameters, answer: ref },
  ]);
}

/** `GET`, `PUT` and `PATCH` of an object's status. */
export function statusOperations(type: ResourceType, version: string, ref: string): PathItem {
  return pathItem(type, version, nameOf(type), changeOperations(ref, ' the status of'));
}

const nameOf = ({ kind }: ResourceType) => [place('name', `name of the ${kind}`)];

function changeOperations(ref: string, of: string): Operation[] {
  const patches = content(PATCH_TYPES, undefined);
  return [
    { verb: 'get', action: 'get', words: `read${of} one`, answer: ref },
    {
      verb: 'put',
      action: 'put',
      words: `replace${of} one`,
      parameters: WRITE_PARAMETERS,
      body: content([JSON_TYPE], ref),
      answer: ref,
    },
    {
      verb: 'patch',
      action: 'patch',
      words: `change parts of${of} one`,
      parameters: [...WRITE_PARAMETERS, FORCE],
      body: patches,
      answer: ref,
    },
  ];
}

function pathItem(type: ResourceType, version: string, names: unknown[], operations: Operation[]): PathItem {
  const { group, kind, namespaced } = type;
  const where = namespaced ? [place('namespace', 'namespace of the object')] : [];
  const gvk = { group, version, kind };
  const entries = operations.map(({ verb, action, words, parameters, body, answer }) => {
    const operation = {
      description: `${words} ${kind}`,
      ...(parameters ? { parameters } : {}),
      ...(body ? { requestBody: { content: body, required: true } } : {}),
      responses: { 200: { description: 'OK', content: content([JSON_TYPE], answer) } },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': gvk,
    };
    return [verb, operation] as const;
  });
  return { ...Object.fromEntries(entries), parameters: [...names, ...where] };
}

function content(types: string[], ref: string | undefined): Record<string, object> {
  const schema = ref ? { $ref: ref } : { type: 'object' };
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}
