import { isDeepStrictEqual } from 'node:util';
import { invalidValue, requiredValue, unsupportedValue } from '../admission/field-error';
import { RBAC_GROUP } from '../authorization';
import type { StatusCause } from '../errors';
import type { KubeObject } from '../objects';
import { isRecord } from '../patch';
import { at, list } from '../print-values';

/** The groups that bindings may leave out (pkg/apis/rbac/v1/defaults.go). Edits `object`. */
export function applyRbacDefaults(object: KubeObject): void {
  if (isRecord(object.roleRef) && !object.roleRef.apiGroup) object.roleRef.apiGroup = RBAC_GROUP;
  for (const subject of list(object.subjects)) {
    if (!isRecord(subject)) continue;
    const { kind } = subject;
    if (!subject.apiGroup && (kind === 'User' || kind === 'Group')) subject.apiGroup = RBAC_GROUP;
  }
}

/** Everything that is wrong with a role or a binding (pkg/apis/rbac/validation). */
export function rbacCauses(
  object: KubeObject,
  before: KubeObject | undefined,
  namespaced: boolean,
): StatusCause[] {
  if (object.kind === 'Role' || object.kind === 'ClusterRole') return roleCauses(object, namespaced);
  if (before && !isDeepStrictEqual(object.roleRef, before.roleRef)) {
    const { apiGroup, kind, name } = (object.roleRef ?? {}) as Record<string, unknown>;
    // Go's field names: the internal type has no others.
    return [invalidValue('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')];
  }
  return bindingCauses(object, namespaced);
}

function roleCauses(role: KubeObject, namespaced: boolean): StatusCause[] {
  const causes: StatusCause[] = [];
  list(role.rules).forEach((rule, index) => {
    const field = (name: string) => `rules[${index}].${name}`;
    const count = (name: string) => list(at(rule, name)).length;
    if (count('verbs') === 0)
      causes.push(requiredValue(field('verbs'), 'verbs must contain at least one value'));
    if (count('nonResourceURLs') > 0) {
      const refuse = (why: string) =>
        causes.push(invalidValue(field('nonResourceURLs'), at(rule, 'nonResourceURLs'), why));
      if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs');
      if (count('apiGroups') + count('resources') + count('resourceNames') > 0) {
        refuse('rules cannot apply to both regular resources and non-resource URLs');
      }
      return;
    }
    if (count('apiGroups') === 0) {
      causes.push(requiredValue(field('apiGroups'), 'resource rules must supply at least one api group'));
    }
    if (count('resources') === 0) {
      causes.push(requiredValue(field('resources'), 'resource rules must supply at least one resource'));
    }
  });
  return causes;
}

function bindingCauses(binding: KubeObject, namespaced: boolean): StatusCause[] {
  const causes: StatusCause[] = [];
  const apiGroup = at(binding, 'roleRef', 'apiGroup');
  if (apiGroup !== RBAC_GROUP)
    causes.push(unsupportedValue('roleRef.apiGroup', apiGroup ?? '', [RBAC_GROUP]));
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const kind = at(binding, 'roleRef', 'kind');
  if (!kinds.includes(String(kind))) causes.push(unsupportedValue('roleRef.kind', kind ?? '', kinds));
  if (!at(binding, 'roleRef', 'name')) causes.push(requiredValue('roleRef.name'));
  list(binding.subjects).forEach((subject, index) => {
    causes.push(...subjectCauses(subject, `subjects[${index}]`, namespaced));
  });
  return causes;
}

function subjectCauses(subject: unknown, field: string, namespaced: boolean): StatusCause[] {
  const causes: StatusCause[] = [];
  const kind = at(subject, 'kind');
  const apiGroup = at(subject, 'apiGroup') ?? '';
  if (!at(subject, 'name')) causes.push(requiredValue(`${field}.name`));
  if (kind === 'ServiceAccount') {
    if (apiGroup !== '') causes.push(unsupportedValue(`${field}.apiGroup`, apiGroup, ['']));
    if (!namespaced && !at(subject, 'namespace')) causes.push(requiredValue(`${field}.namespace`));
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== RBAC_GROUP) causes.push(unsupportedValue(`${field}.apiGroup`, apiGroup, [RBAC_GROUP]));
  } else {
    causes.push(unsupportedValue(`${field}.kind`, kind ?? '', ['ServiceAccount', 'User', 'Group']));
  }
  return causes;
}
