// Schemas of Kubernetes' own kinds, from the models that @kubernetes/client-node generates: the JavaScript gives names,
// types and formats, the declaration files give descriptions and which fields are required.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { commentOf, described, root } from './make-schema.shared.mjs';

const models = path.join(root, 'node_modules/@kubernetes/client-node/dist/gen/models');
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const META_KINDS = new Set([
  'APIGroup',
  'APIGroupList',
  'APIResource',
  'APIResourceList',
  'APIVersions',
  'GroupVersionForDiscovery',
  'ServerAddressByClientCIDR',
  'Condition',
  'DeleteOptions',
  'LabelSelector',
  'LabelSelectorRequirement',
  'ListMeta',
  'ManagedFieldsEntry',
  'ObjectMeta',
  'OwnerReference',
  'Preconditions',
  'Status',
  'StatusCause',
  'StatusDetails',
]);
const QUANTITIES =
  /^(V1ResourceRequirements|V1VolumeResourceRequirements)\.(limits|requests)$|^V1(Node|PersistentVolume|PersistentVolumeClaim|ResourceQuota)(Spec|Status)\.(capacity|allocatable|allocatedResources|hard|used)$|^V1LimitRangeItem\.(default|defaultRequest|max|maxLimitRequestRatio|min)$|\.(sizeLimit|divisor|overhead|allocatedResources)$/;

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** The shared scalars, which the models flatten. */
export const SCALARS = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    description: 'A number with a unit suffix, such as 128Mi, 2Gi, 500m or 1e3.',
    oneOf: [{ type: 'string' }, { type: 'number' }],
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    description: 'A whole number, or the name of one.',
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  },
  [`${META}.MicroTime`]: {
    description: 'A point in time to the microsecond, RFC 3339.',
    type: 'string',
    format: 'date-time',
  },
  [`${META}.Time`]: { description: 'A point in time, RFC 3339.', type: 'string', format: 'date-time' },
};
export const QUANTITY = { $ref: 'io.k8s.apimachinery.pkg.api.resource.Quantity' };

/** `V1Pod` → `io.k8s.api.core.v1.Pod`; the groups of kinds that appear nowhere else are given by their root. */
export function kubernetesName(model, group = 'core') {
  const [, prefix, version, kind] = /^([A-Z][a-z]+)??(V\d\w*?)([A-Z]\w*)$/.exec(model) ?? [];
  if (META_KINDS.has(kind) && !prefix) return `${META}.${kind}`;
  return `io.k8s.api.${prefix ? prefix.toLowerCase() : group}.${version.toLowerCase()}.${kind}`;
}

/** Adds the schema of `model` and of everything that it mentions to `schemas`, and returns its name. */
export function addKubernetes(schemas, names, model, group) {
  const known = names.get(model);
  if (known) return known;
  const name = kubernetesName(model, group);
  names.set(model, name);
  const schema = { type: 'object', properties: {} };
  const required = [];
  schemas[name] = schema;
  const { description, fields } = declared(model);
  if (description) schema.description = description;
  for (const { baseName, type, format } of attributes(model)) {
    const field = fields.get(baseName) ?? {};
    const refer = (other) => ({ $ref: addKubernetes(schemas, names, other, group) });
    schema.properties[baseName] = described(
      propertyOf(`${model}.${baseName}`, type, format, refer),
      field.description,
    );
    if (field.required) required.push(baseName);
  }
  if (required.length) schema.required = required;
  return name;
}

function propertyOf(where, type, format, refer) {
  const list = /^Array<(.*)>$/.exec(type);
  if (list) return { type: 'array', items: propertyOf(where, list[1], format, refer) };
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map) {
    const values = QUANTITIES.test(where) ? QUANTITY : propertyOf(where, map[1], format, refer);
    return { type: 'object', additionalProperties: values };
  }
  if (QUANTITIES.test(where)) return QUANTITY;
  if (type === 'IntOrString') return { $ref: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString' };
  if (type === 'Date') return { $ref: `${META}.Time` };
  if (type === 'V1MicroTime') return { $ref: `${META}.MicroTime` };
  if (type === 'any') return where.endsWith('fieldsV1') ? ANYTHING : {};
  if (type === 'number')
    return format === 'double' ? { type: 'number', format } : { type: 'integer', format: format || 'int64' };
  if (type === 'string' || type === 'boolean') return format ? { type, format } : { type };
  if (type === 'object') return ANYTHING;
  return refer(type);
}

/** The map from which the client (de)serialises: evaluated as data, so that no module of 850 has to be loaded. */
function attributes(model) {
  const text = readFileSync(path.join(models, `${model}.js`), 'utf8');
  const [, list = '[]'] = /attributeTypeMap = (\[[\s\S]*?\n\]);/.exec(text) ?? [];
  return JSON.parse(list);
}

function declared(model) {
  const text = readFileSync(path.join(models, `${model}.d.ts`), 'utf8');
  const source = ts.createSourceFile(`${model}.d.ts`, text, ts.ScriptTarget.Latest, true);
  const fields = new Map();
  let description;
  for (const statement of source.statements) {
    if (!ts.isClassDeclaration(statement)) continue;
    description = commentOf(statement);
    for (const member of statement.members) {
      if (!ts.isPropertyDeclaration(member) || !ts.isStringLiteral(member.name)) continue;
      const name = member.name.text.replace(/^_(?=[a-z])/, '');
      fields.set(name, { description: commentOf(member), required: !member.questionToken });
    }
  }
  return { description, fields };
}
