import { ageColumn } from './custom-columns';
import { column, customResourceType, type ResourceType } from './resource-type';

const cdi = { group: 'cdi.kubevirt.io', version: 'v1beta1' };
/** Only what people work with belongs to `kubectl get all`. */
const internal = { ...cdi, categories: [] };
const clusterWide = { ...internal, namespaced: false };
const populator = { group: 'forklift.cdi.kubevirt.io', version: 'v1beta1', categories: [], status: true };

/** The resources of the Containerized Data Importer. */
export const CDI_RESOURCES: ResourceType[] = [
  customResourceType({
    ...cdi,
    plural: 'datavolumes',
    kind: 'DataVolume',
    shortNames: ['dv', 'dvs'],
    status: true,
    columns: [
      column('Phase', '.status.phase', { description: 'The phase the data volume is in' }),
      column('Progress', '.status.progress', {
        description: 'Transfer progress in percentage if known, N/A otherwise',
      }),
      column('Restarts', '.status.restartCount', {
        type: 'integer',
        description: 'The number of times the transfer has been restarted.',
      }),
      ageColumn,
    ],
  }),
  customResourceType({ ...cdi, plural: 'datasources', kind: 'DataSource', shortNames: ['das'] }),
  customResourceType({
    ...cdi,
    plural: 'dataimportcrons',
    kind: 'DataImportCron',
    shortNames: ['dic', 'dics'],
    columns: [
      column('Format', '.status.sourceFormat', {
        description: 'The format in which created sources are saved',
      }),
    ],
  }),
  customResourceType({ ...clusterWide, plural: 'storageprofiles', kind: 'StorageProfile', status: true }),
  customResourceType({ ...clusterWide, plural: 'cdiconfigs', kind: 'CDIConfig' }),
  customResourceType({
    ...clusterWide,
    otherVersions: ['v1alpha1'],
    plural: 'cdis',
    kind: 'CDI',
    shortNames: ['cdi', 'cdis'],
    columns: [ageColumn, column('Phase', '.status.phase')],
  }),
  customResourceType({
    ...clusterWide,
    plural: 'objecttransfers',
    kind: 'ObjectTransfer',
    shortNames: ['ot', 'ots'],
    status: true,
    columns: [
      ageColumn,
      column('Phase', '.status.phase', { description: 'The phase of the ObjectTransfer' }),
    ],
  }),
  customResourceType({ ...internal, plural: 'volumeimportsources', kind: 'VolumeImportSource' }),
  customResourceType({ ...internal, plural: 'volumeuploadsources', kind: 'VolumeUploadSource' }),
  customResourceType({ ...internal, plural: 'volumeclonesources', kind: 'VolumeCloneSource' }),
  customResourceType({
    ...populator,
    plural: 'ovirtvolumepopulators',
    kind: 'OvirtVolumePopulator',
    shortNames: ['ovvp', 'ovvps'],
  }),
  customResourceType({
    ...populator,
    plural: 'openstackvolumepopulators',
    kind: 'OpenstackVolumePopulator',
    shortNames: ['osvp', 'osvps'],
  }),
];
