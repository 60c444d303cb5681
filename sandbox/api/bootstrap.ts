import { isDeepStrictEqual } from 'node:util';
import { uncovered } from './access/rule-coverage';
import { UPLOAD_GROUP } from './access/upload-token';
import { USERS } from './authentication';
import type { PolicyRule } from './authorization';
import { DefinitionController } from './custom/definition-controller';
import { Operators } from './custom/operators';
import { defaultRoles, roleBinding } from './default-roles';
import { aggregatedServices, apiServices, customResourceDefinition } from './definitions';
import { matchesLabels } from './label-selector';
import { timestamp } from './metadata';
import type { KubeObject, NewObject } from './objects';
import { at, entries, list } from './print-values';
import { REVIEW_TYPES } from './review-types';
import type { Cluster } from './store';

const CLUSTER_ROLES = 'clusterroles.rbac.authorization.k8s.io';
const CDIS = 'cdis.cdi.kubevirt.io';
const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate';
const CLUSTER_ROLE_BINDINGS = 'clusterrolebindings.rbac.authorization.k8s.io';

/**
 * Adds what every cluster has from its first moment: roles and bindings, definitions of its kinds, API services; and
 * keeps doing what small controllers do: fill aggregated roles, give each namespace its service account and CA.
 * Returns the way to stop.
 */
export function bootstrap(cluster: Cluster, ca: string): () => void {
  const first = !cluster.get(CLUSTER_ROLES, undefined, 'cluster-admin');
  const now = timestamp(cluster.now());
  const { roles, bindings } = defaultRoles(cluster.list(CDIS).length > 0);
  for (const role of roles) reconcileRole(cluster, role);
  for (const binding of bindings) ensure(cluster, CLUSTER_ROLE_BINDINGS, binding);
  const operators = new Operators(cluster, seededDefinitions(cluster, now));
  const asked = REVIEW_TYPES.filter(({ group }) => group !== UPLOAD_GROUP);
  const served = [...cluster.registry.list(), ...asked];
  for (const service of [...apiServices(served, now), ...aggregatedServices(now)])
    ensure(cluster, 'apiservices.apiregistration.k8s.io', service);
  // Later on, people and their namespaces are the user's to change.
  if (first) addUsers(cluster);
  const stopRoles = cluster.watch(CLUSTER_ROLES, () => aggregate(cluster));
  const stopNamespaces = cluster.watch('namespaces', ({ type, object }) => {
    if (type !== 'DELETED' && !object.metadata.deletionTimestamp) equip(cluster, object.metadata.name, ca);
  });
  const stopAccounts = cluster.watch('serviceaccounts', ({ type, object }) => {
    const { name, namespace = '' } = object.metadata;
    if (type !== 'DELETED' || name !== 'default') return;
    const home = cluster.get('namespaces', undefined, namespace);
    if (home && !home.metadata.deletionTimestamp) equip(cluster, namespace, ca);
  });
  const definitions = new DefinitionController(cluster);
  return () => {
    operators.close();
    definitions.close();
    stopRoles();
    stopNamespaces();
    stopAccounts();
  };
}

/**
 * Creates a role, or adds the rules that a role of an older sandbox lacks, as kube-apiserver does with its own at every
 * start: what somebody added stays, and so does a role that says autoupdate "false".
 */
function reconcileRole(cluster: Cluster, role: NewObject): void {
  const { name = '', annotations, labels } = role.metadata;
  const known = cluster.get(CLUSTER_ROLES, undefined, name);
  if (!known) {
    cluster.create(CLUSTER_ROLES, role);
    return;
  }
  if (known.metadata.annotations?.[AUTOUPDATE] === 'false') return;
  cluster.update(CLUSTER_ROLES, undefined, name, (draft) => {
    draft.metadata.labels = { ...labels, ...draft.metadata.labels };
    if (annotations) draft.metadata.annotations = { ...annotations, ...draft.metadata.annotations };
    if (role.aggregationRule) return;
    const rules = list(draft.rules) as PolicyRule[];
    draft.rules = [...rules, ...uncovered(rules, list(role.rules) as PolicyRule[])];
  });
}

/** The definitions of the well-known kinds, each made when it is first asked for. */
function seededDefinitions({ registry }: Cluster, now: string): Map<string, () => NewObject> {
  return new Map(
    registry.seeded
      .filter(({ custom }) => custom)
      .map((type) => {
        let made: NewObject | undefined;
        return [
          type.id,
          () => {
            made ??= customResourceDefinition(type, now);
            return made;
          },
        ];
      }),
  );
}

function ensure(cluster: Cluster, resource: string, object: NewObject): void {
  const { name = '', namespace } = object.metadata;
  if (!cluster.get(resource, namespace, name)) cluster.create(resource, object);
}

function addUsers(cluster: Cluster): void {
  for (const { name, role, namespace } of USERS) {
    if (!role || !namespace) continue;
    ensure(cluster, 'namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    ensure(cluster, 'rolebindings.rbac.authorization.k8s.io', roleBinding(namespace, role, name));
  }
}

/** The clusterrole-aggregation controller: rules of an aggregating role are the union of those it selects. */
function aggregate(cluster: Cluster): void {
  const roles = cluster.list(CLUSTER_ROLES);
  for (const role of roles) {
    const selectors = list(at(role, 'aggregationRule', 'clusterRoleSelectors'));
    if (selectors.length === 0) continue;
    const rules: PolicyRule[] = [];
    for (const other of roles) {
      if (other === role || !selectors.some((selector) => selects(selector, other))) continue;
      for (const rule of list(other.rules) as PolicyRule[]) {
        if (!rules.some((known) => isDeepStrictEqual(known, rule))) rules.push(rule);
      }
    }
    cluster.update(CLUSTER_ROLES, undefined, role.metadata.name, (draft) => {
      draft.rules = rules;
    });
  }
}

function selects(selector: unknown, { metadata }: KubeObject): boolean {
  const requirements = entries(at(selector, 'matchLabels')).map(([key, value]) => ({
    key,
    operator: 'in' as const,
    values: [String(value)],
  }));
  return requirements.length > 0 && matchesLabels(requirements, metadata.labels);
}

function equip(cluster: Cluster, namespace: string, ca: string): void {
  ensure(cluster, 'serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace },
  });
  ensure(cluster, 'configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'kube-root-ca.crt',
      namespace,
      annotations: {
        'kubernetes.io/description':
          'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
      },
    },
    data: { 'ca.crt': ca },
  });
}
