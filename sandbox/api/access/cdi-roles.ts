import type { NewObject } from '../objects';
import { aggregateTo, clusterRole, clusterRoleBinding, READ, rule } from './role-parts';

const CDI = ['cdi.kubevirt.io'];
const LABELS = {
  'app.kubernetes.io/component': 'storage',
  'app.kubernetes.io/managed-by': 'cdi-operator',
  'cdi.kubevirt.io': '',
};
const SOURCES = ['volumeimportsources', 'volumeuploadsources', 'volumeclonesources'];

/** admin and edit are the same. */
const write = [
  rule(CDI, ['datavolumes', 'dataimportcrons', 'datasources', ...SOURCES], ['*']),
  rule(CDI, ['datavolumes/source'], ['create']),
  rule(['upload.cdi.kubevirt.io'], ['uploadtokenrequests'], ['*']),
];
const view = [
  rule(
    CDI,
    [
      ...['cdiconfigs', 'dataimportcrons', 'datasources', 'datavolumes', 'objecttransfers'],
      ...['storageprofiles', ...SOURCES],
    ],
    READ,
  ),
  rule(CDI, ['datavolumes/source'], ['create']),
];

/** What CDI's operator installs for people (pkg/operator/resources/cluster/rbac.go). */
export const CDI_ROLES: NewObject[] = [
  clusterRole('cdi.kubevirt.io:admin', { labels: { ...LABELS, ...aggregateTo('admin') } }, write),
  clusterRole('cdi.kubevirt.io:edit', { labels: { ...LABELS, ...aggregateTo('edit') } }, write),
  clusterRole('cdi.kubevirt.io:view', { labels: { ...LABELS, ...aggregateTo('view') } }, view),
  clusterRole('cdi.kubevirt.io:config-reader', { labels: LABELS }, [
    rule(CDI, ['cdiconfigs', 'storageprofiles'], READ),
  ]),
];

export const CDI_ROLE_BINDINGS: NewObject[] = [
  clusterRoleBinding('cdi.kubevirt.io:config-reader', { labels: LABELS }, [
    'system:authenticated',
    // A group that nobody is in: CDI means system:serviceaccounts.
    'system:serviceaccount',
  ]),
];
