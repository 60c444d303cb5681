import type { NewObject } from '../objects';
import { aggregateTo, clusterRole, clusterRoleBinding, READ, type RoleMarks, rule } from './role-parts';

const CHANGE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const READ_CHANGE = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const marks = (labels: Record<string, string> = {}): RoleMarks => ({
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
});
const paths = (...nonResourceURLs: string[]) => ({ nonResourceURLs, verbs: ['get'] });

const WORKLOADS = ['daemonsets', 'deployments', 'replicasets', 'statefulsets'];
const EXTENSIONS = ['daemonsets', 'deployments', 'ingresses', 'networkpolicies', 'replicasets'];

const aggregateToView = [
  rule(
    [''],
    [
      'configmaps',
      'endpoints',
      'persistentvolumeclaims',
      'persistentvolumeclaims/status',
      'pods',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'serviceaccounts',
      'services',
      'services/status',
    ],
    READ,
  ),
  rule(
    [''],
    [
      'bindings',
      'limitranges',
      'namespaces/status',
      'pods/log',
      'pods/status',
      'replicationcontrollers/status',
      'resourcequotas',
      'resourcequotas/status',
    ],
    READ,
  ),
  rule([''], ['namespaces'], READ),
  rule(['', 'events.k8s.io'], ['events'], READ),
  rule(['discovery.k8s.io'], ['endpointslices'], READ),
  rule(
    ['apps'],
    [
      'controllerrevisions',
      'daemonsets',
      'daemonsets/status',
      ...['deployments', 'replicasets', 'statefulsets'].flatMap((name) => [
        name,
        `${name}/scale`,
        `${name}/status`,
      ]),
    ],
    READ,
  ),
  rule(['autoscaling'], ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'], READ),
  rule(['batch'], ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'], READ),
  rule(
    ['extensions'],
    [
      'daemonsets',
      'daemonsets/status',
      'deployments',
      'deployments/scale',
      'deployments/status',
      'ingresses',
      'ingresses/status',
      'networkpolicies',
      'replicasets',
      'replicasets/scale',
      'replicasets/status',
      'replicationcontrollers/scale',
    ],
    READ,
  ),
  rule(['policy'], ['poddisruptionbudgets', 'poddisruptionbudgets/status'], READ),
  rule(['networking.k8s.io'], ['ingresses', 'ingresses/status', 'networkpolicies'], READ),
  rule(['resource.k8s.io'], ['resourceclaims', 'resourceclaims/status', 'resourceclaimtemplates'], READ),
];

const POD_STREAMS = ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy'];
const withScale = (kinds: string[]) =>
  kinds.flatMap((kind) => {
    if (kind === 'deployments') return [kind, `${kind}/rollback`, `${kind}/scale`];
    return kind === 'replicasets' || kind === 'statefulsets' ? [kind, `${kind}/scale`] : [kind];
  });

const aggregateToEdit = [
  rule([''], [...POD_STREAMS, 'secrets', 'services/proxy'], READ),
  rule([''], ['serviceaccounts'], ['impersonate']),
  rule([''], ['pods', ...POD_STREAMS], CHANGE),
  rule([''], ['pods/eviction'], ['create']),
  rule(
    [''],
    [
      'configmaps',
      'persistentvolumeclaims',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'secrets',
      'serviceaccounts',
      'services',
      'services/proxy',
    ],
    CHANGE,
  ),
  rule([''], ['serviceaccounts/token'], ['create']),
  rule(['', 'events.k8s.io'], ['events'], CHANGE),
  rule(['apps'], withScale(WORKLOADS), CHANGE),
  rule(['autoscaling'], ['horizontalpodautoscalers'], CHANGE),
  rule(['batch'], ['cronjobs', 'jobs'], CHANGE),
  rule(['extensions'], [...withScale(EXTENSIONS), 'replicationcontrollers/scale'], CHANGE),
  rule(['policy'], ['poddisruptionbudgets'], CHANGE),
  rule(['networking.k8s.io'], ['ingresses', 'networkpolicies'], CHANGE),
  rule(['coordination.k8s.io'], ['leases'], READ_CHANGE),
  rule(['resource.k8s.io'], ['resourceclaims', 'resourceclaimtemplates'], CHANGE),
];

const aggregateToAdmin = [
  rule(['authorization.k8s.io'], ['localsubjectaccessreviews'], ['create']),
  rule(['rbac.authorization.k8s.io'], ['rolebindings', 'roles'], READ_CHANGE),
];

/** Kubernetes' own roles (plugin/pkg/auth/authorizer/rbac/bootstrappolicy), as far as people and probes meet them. */
export const KUBERNETES_ROLES: NewObject[] = [
  clusterRole('cluster-admin', marks(), [
    rule(['*'], ['*'], ['*']),
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ]),
  clusterRole('system:aggregate-to-view', marks(aggregateTo('view')), aggregateToView),
  clusterRole('system:aggregate-to-edit', marks(aggregateTo('edit')), aggregateToEdit),
  clusterRole('system:aggregate-to-admin', marks(aggregateTo('admin')), aggregateToAdmin),
  clusterRole('system:auth-delegator', marks(), [
    rule(['authentication.k8s.io'], ['tokenreviews'], ['create']),
    rule(['authorization.k8s.io'], ['subjectaccessreviews'], ['create']),
  ]),
  clusterRole('system:basic-user', marks(), [
    rule(['authorization.k8s.io'], ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
    rule(['authentication.k8s.io'], ['selfsubjectreviews'], ['create']),
  ]),
  clusterRole('system:discovery', marks(), [
    paths(
      ...['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz'],
      ...['/version', '/version/'],
    ),
  ]),
  clusterRole('system:monitoring', marks(), [
    paths(
      ...['/flagz', '/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/slis', '/readyz'],
      ...['/readyz/*', '/statusz'],
    ),
    rule([''], ['nodes/metrics'], ['get']),
  ]),
  // Named after OpenShift, and yet in the cluster that these rules were read from: it lets everybody see /.well-known.
  clusterRole('system:openshift:public-info-viewer', marks(), [paths('/.well-known', '/.well-known/*')]),
  clusterRole('system:public-info-viewer', marks(), [
    paths('/healthz', '/livez', '/readyz', '/version', '/version/'),
  ]),
  clusterRole('system:service-account-issuer-discovery', marks(), [
    paths(
      ...['/.well-known/openid-configuration', '/.well-known/openid-configuration/'],
      ...['/openid/v1/jwks', '/openid/v1/jwks/'],
    ),
  ]),
  clusterRole('view', marks(aggregateTo('edit')), [], 'view'),
  clusterRole('edit', marks(aggregateTo('admin')), [], 'edit'),
  clusterRole('admin', marks(), [], 'admin'),
];

const EVERYBODY = ['system:authenticated', 'system:unauthenticated'];

export const KUBERNETES_ROLE_BINDINGS: NewObject[] = [
  clusterRoleBinding('cluster-admin', marks(), ['system:masters']),
  clusterRoleBinding('system:basic-user', marks(), ['system:authenticated']),
  clusterRoleBinding('system:discovery', marks(), ['system:authenticated']),
  clusterRoleBinding('system:monitoring', marks(), ['system:monitoring']),
  clusterRoleBinding('system:openshift:public-info-viewer', marks(), EVERYBODY),
  clusterRoleBinding('system:public-info-viewer', marks(), EVERYBODY),
  clusterRoleBinding('system:service-account-issuer-discovery', marks(), ['system:serviceaccounts']),
];
