import { LABEL_MAX } from '@/lib/k8s/dns-name';
import { type Text, text } from '@/lib/text';
import type { Path } from './field-path';
import { groupOf, type Manifest } from './manifest';
import { nameProblem, namespaceProblem } from './names';
import type { Severity } from './problem';

/** A complaint about one field of one object, still without its place in the text. */
export interface Finding {
  severity: Severity;
  message: Text;
  path: Path;
}

const SERVER_FIELDS = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'managedFields',
  'generation',
  'selfLink',
];

/** The checks that every kind shares and that need no cluster: what the API server would refuse anyway, sooner. */
export function checkManifest(manifest: Manifest): Finding[] {
  return [...checkType(manifest), ...checkMetadata(manifest), ...checkServerFields(manifest)];
}

function error(message: Text, ...path: Path): Finding {
  return { severity: 'error', message, path };
}

function checkType({ object }: Manifest): Finding[] {
  const found: Finding[] = [];
  const { apiVersion, kind } = object;
  if (apiVersion === undefined || apiVersion === null || apiVersion === '') {
    found.push(error(text('yaml.problem.noApiVersion'), 'apiVersion'));
  } else if (typeof apiVersion !== 'string') {
    found.push(error(text('yaml.problem.notText', { field: 'apiVersion' }), 'apiVersion'));
  } else if (!/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?v[a-z0-9]+$/.test(apiVersion)) {
    found.push(error(text('yaml.problem.badApiVersion', { apiVersion }), 'apiVersion'));
  }
  if (kind === undefined || kind === null || kind === '') {
    found.push(error(text('yaml.problem.noKind'), 'kind'));
  } else if (typeof kind !== 'string') {
    found.push(error(text('yaml.problem.notText', { field: 'kind' }), 'kind'));
  }
  return found;
}

function checkMetadata(manifest: Manifest): Finding[] {
  const { metadata } = manifest.object;
  if (metadata === undefined || metadata === null) {
    return [error(text('yaml.problem.noMetadata'), 'metadata')];
  }
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    return [error(text('yaml.problem.fieldNotMapping', { field: 'metadata' }), 'metadata')];
  }
  const fields = metadata as Record<string, unknown>;
  return [
    ...checkName(manifest, fields),
    ...checkNamespace(fields),
    ...checkTexts(fields, 'labels'),
    ...checkTexts(fields, 'annotations'),
  ];
}

function checkName(manifest: Manifest, metadata: Record<string, unknown>): Finding[] {
  const { name, generateName } = metadata;
  if (name === undefined || name === null || name === '') {
    if (typeof generateName === 'string' && generateName) return [];
    return [error(text('yaml.problem.noName'), 'metadata', 'name')];
  }
  if (typeof name !== 'string') {
    return [error(text('yaml.problem.notText', { field: 'metadata.name' }), 'metadata', 'name')];
  }
  const group = groupOf(manifest.apiVersion);
  const problem = nameProblem(name, group, manifest.kind);
  if (problem) return [error(problem, 'metadata', 'name')];
  const isVm = group === 'kubevirt.io' && manifest.kind === 'VirtualMachine';
  // The API takes names up to 253; pods, claims and host names made of them are cut or hashed.
  return isVm && name.length > LABEL_MAX
    ? [
        {
          severity: 'warning',
          message: text('yaml.problem.nameLong', { length: name.length, limit: LABEL_MAX }),
          path: ['metadata', 'name'],
        },
      ]
    : [];
}

function checkNamespace(metadata: Record<string, unknown>): Finding[] {
  const { namespace } = metadata;
  if (namespace === undefined || namespace === null || namespace === '') return [];
  if (typeof namespace !== 'string') {
    return [error(text('yaml.problem.notText', { field: 'metadata.namespace' }), 'metadata', 'namespace')];
  }
  const problem = namespaceProblem(namespace);
  return problem ? [error(problem, 'metadata', 'namespace')] : [];
}

/** Labels and annotations are texts; `true` and `1` without quotes are the commonest mistake in them. */
function checkTexts(metadata: Record<string, unknown>, field: 'labels' | 'annotations'): Finding[] {
  const entries = metadata[field];
  if (entries === undefined || entries === null) return [];
  if (typeof entries !== 'object' || Array.isArray(entries)) {
    return [error(text('yaml.problem.fieldNotMapping', { field: `metadata.${field}` }), 'metadata', field)];
  }
  return Object.entries(entries)
    .filter(([, value]) => typeof value !== 'string' && value !== null)
    .map(([key]) => error(text('yaml.problem.notText', { field: key }), 'metadata', field, key));
}

/** Text copied from `kubectl get -o yaml` holds what only the server writes; it is left out rather than refused. */
function checkServerFields({ object }: Manifest): Finding[] {
  const metadata = object.metadata;
  if (typeof metadata !== 'object' || metadata === null) return [];
  const present = SERVER_FIELDS.filter(
    (field) => field in metadata && (metadata as Record<string, unknown>)[field],
  );
  return present.slice(0, 1).map((field) => ({
    severity: 'info' as const,
    message: text('yaml.problem.serverFields', { fields: present.join(', ') }),
    path: ['metadata', field],
  }));
}

/** The object to send to create it: without the fields that the server writes, and in the namespace given. */
export function objectToCreate(manifest: Manifest, namespace: string | undefined): Record<string, unknown> {
  const { status: _status, ...object } = manifest.object;
  const metadata = { ...(object.metadata as Record<string, unknown>) };
  for (const field of SERVER_FIELDS) delete metadata[field];
  delete metadata.namespace;
  if (namespace) metadata.namespace = namespace;
  return { ...object, metadata };
}
