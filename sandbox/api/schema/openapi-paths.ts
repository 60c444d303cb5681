import type { ResourceType } from '../resource-type';
import type { ServedKind } from './openapi-kinds';

export type PathItem = Record<string, unknown>;

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const SCALE = 'io.k8s.api.autoscaling.v1.Scale';
const ANSWER_TYPES = ['application/json', 'application/yaml'];
const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
];
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';

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

const PRETTY = query('pretty', 'With the value true, the answer is indented for people.');
const WRITE_PARAMETERS = [
  query('dryRun', 'With the value All, everything is checked and nothing is stored.'),
  query('fieldManager', 'Name of the client that owns the fields written.'),
  query('fieldValidation', 'What to do about unknown fields: Ignore, Warn (the default) or Strict.'),
];
const FORCE = query('force', 'Take over fields that other managers own. Apply patches only.', 'boolean');
const LIST_PARAMETERS = [
  query('allowWatchBookmarks', 'Whether a watch may send BOOKMARK events.', 'boolean'),
  query('continue', 'Token of the next page, from the metadata of the page before.'),
  query('fieldSelector', 'Restricts the list to objects whose fields match.'),
  query('labelSelector', 'Restricts the list to objects whose labels match.'),
  query('limit', 'The most objects in one page.', 'integer'),
  query('resourceVersion', 'The version from which to list or watch.'),
  query('resourceVersionMatch', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  query('sendInitialEvents', 'Whether a watch begins with everything that there is.', 'boolean'),
  query('timeoutSeconds', 'After how many seconds the server ends the call.', 'integer'),
  query('watch', 'Streams changes instead of answering with a list.', 'boolean'),
];
const DELETE_PARAMETERS = [
  query('dryRun', 'With the value All, everything is checked and nothing is deleted.'),
  query('gracePeriodSeconds', 'Seconds that the object has to end on its own.', 'integer'),
  query('orphanDependents', 'Deprecated: use propagationPolicy.', 'boolean'),
  query('propagationPolicy', 'What happens to dependents: Background, Foreground or Orphan.'),
];

interface Operation {
  method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  /** `x-kubernetes-action` */
  action: string;
  /** First word of the operation's id. */
  verb: string;
  words: string;
  parameters?: unknown[];
  body?: { types: string[]; name: string; optional?: boolean };
  answer: string;
}

/** The endpoints of one resource in one version; `prefix` is what pointers to schemas begin with. */
export function pathsOf(kind: ServedKind, prefix: string): Record<string, PathItem> {
  const { type, version, name, gvk } = kind;
  const root = type.group ? `/apis/${type.group}/${version}` : `/api/${version}`;
  const base = type.namespaced ? `${root}/namespaces/{namespace}` : root;
  const collection = `${base}/${type.plural}`;
  const item = `${collection}/{name}`;
  const within = type.namespaced
    ? [place('namespace', 'object name and auth scope, such as for teams and projects')]
    : [];
  const named = (of: string) => [place('name', `name of the ${of}`), ...within];
  const make = (operations: Operation[], parameters: unknown[], suffix = '', answered = gvk): PathItem => ({
    ...Object.fromEntries(
      operations
        .filter(({ action }) => offers(type, action))
        .map((operation) => [operation.method, described(operation, kind, prefix, suffix, answered)]),
    ),
    parameters: [...parameters, PRETTY],
  });
  const paths: Record<string, PathItem> = {
    [collection]: make(collectionOperations(type.kind, name), within),
    [item]: make([...changes(kind, name, type.kind), removal(type.kind)], named(type.kind)),
  };
  if (type.namespaced && offers(type, 'list')) {
    paths[`${root}/${type.plural}`] = {
      get: described(listOperation(type.kind, name), kind, prefix, 'ForAllNamespaces', gvk),
      parameters: [...LIST_PARAMETERS, PRETTY],
    };
  }
  if (type.status) {
    paths[`${item}/status`] = make(
      changes(kind, name, `status of the specified ${type.kind}`),
      named(type.kind),
      'Status',
    );
  }
  if (type.scale) {
    const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
    const operations = changes(kind, SCALE, `scale of the specified ${type.kind}`);
    paths[`${item}/scale`] = make(operations, named('Scale'), 'Scale', scale);
  }
  // What can only be posted has no objects to name.
  return Object.fromEntries(Object.entries(paths).filter(([, item]) => Object.keys(item).length > 1));
}

/** Whether a resource has an action at all. */
function offers({ verbs }: ResourceType, action: string): boolean {
  const verb = { put: 'update', post: 'create' }[action] ?? action;
  return verbs.some((one) => one === verb);
}

function listOperation(kind: string, name: string): Operation {
  return {
    method: 'get',
    action: 'list',
    verb: 'list',
    words: `list objects of kind ${kind}`,
    answer: `${name}List`,
  };
}

function collectionOperations(kind: string, name: string): Operation[] {
  return [
    { ...listOperation(kind, name), parameters: LIST_PARAMETERS },
    {
      method: 'post',
      action: 'post',
      verb: 'create',
      words: `create a ${kind}`,
      parameters: WRITE_PARAMETERS,
      body: { types: ANSWER_TYPES, name },
      answer: name,
    },
    {
      method: 'delete',
      action: 'deletecollection',
      verb: 'deleteCollection',
      words: `delete collection of ${kind}`,
      parameters: [...LIST_PARAMETERS, ...DELETE_PARAMETERS],
      answer: `${META}.Status`,
    },
  ];
}

function removal(kind: string): Operation {
  return {
    method: 'delete',
    action: 'delete',
    verb: 'delete',
    words: `delete a ${kind}`,
    parameters: DELETE_PARAMETERS,
    body: { types: ANSWER_TYPES, name: `${META}.DeleteOptions`, optional: true },
    answer: `${META}.Status`,
  };
}

function changes({ type }: ServedKind, name: string, of: string): Operation[] {
  const specified = of.startsWith('s') ? of : `specified ${of}`;
  return [
    { method: 'get', action: 'get', verb: 'read', words: `read the ${specified}`, answer: name },
    {
      method: 'put',
      action: 'put',
      verb: 'replace',
      words: `replace the ${specified}`,
      parameters: WRITE_PARAMETERS,
      body: { types: ANSWER_TYPES, name },
      answer: name,
    },
    {
      method: 'patch',
      action: 'patch',
      verb: 'patch',
      words: `partially update the ${specified}`,
      parameters: [...WRITE_PARAMETERS, FORCE],
      body: { types: [...PATCH_TYPES, ...(type.custom ? [] : [STRATEGIC_PATCH])], name: `${META}.Patch` },
      answer: name,
    },
  ];
}

function described(
  { action, verb, words, parameters, body, answer }: Operation,
  { type, version }: ServedKind,
  prefix: string,
  suffix: string,
  gvk: object,
): object {
  const place = groupWord(type.group);
  const collection = verb === 'deleteCollection' ? 'Collection' : '';
  const scope = type.namespaced && suffix !== 'ForAllNamespaces' ? 'Namespaced' : '';
  const id = `${collection ? 'delete' : verb}${capital(place)}${capital(version)}${collection}${scope}${type.kind}${suffix}`;
  const of = (name: string, types: string[]) => ({
    content: Object.fromEntries(types.map((one) => [one, { schema: { $ref: prefix + name } }])),
  });
  return {
    tags: [`${place}_${version}`],
    description: words,
    operationId: id,
    ...(parameters ? { parameters } : {}),
    ...(body
      ? { requestBody: { ...of(body.name, body.types), ...(body.optional ? {} : { required: true }) } }
      : {}),
    responses: {
      200: { description: 'OK', ...of(answer, ANSWER_TYPES) },
      ...(verb === 'create' ? { 201: { description: 'Created', ...of(answer, ANSWER_TYPES) } } : {}),
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}

/** `kubevirtIo` of kubevirt.io; groups of Kubernetes itself go by their first word. */
export function groupWord(group: string): string {
  if (group === '') return 'core';
  const parts = group.endsWith('.k8s.io') ? group.split('.').slice(0, 1) : group.split('.');
  return parts.map((part, index) => (index === 0 ? part : capital(part))).join('');
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
