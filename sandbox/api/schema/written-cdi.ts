import type { Schema } from './schema-type';
import {
  CONDITIONS,
  FLAG,
  fields,
  kindSchema,
  list,
  map,
  oneOf,
  reference,
  says,
  TEXT,
} from './schema-words';

const CDI = 'cdi.kubevirt.io/v1beta1';
const source = (name: string) => reference(`io.kubevirt.cdi.v1beta1.DataVolumeSource${name}`);
const claimPropertySets: Schema = {
  type: 'array',
  maxItems: 8,
  items: fields({
    'accessModes!': {
      ...list(TEXT),
      maxItems: 4,
      description: 'Access modes that a claim of this set asks for.',
    },
    'volumeMode!': says(oneOf('Block', 'Filesystem'), 'Volume mode that a claim of this set asks for.'),
  }),
};
const profile = {
  claimPropertySets: says(claimPropertySets, 'Which claims the storage class serves, best first.'),
  cloneStrategy: says(TEXT, 'How volumes of the class are cloned: copy, snapshot or csi-clone.'),
  dataImportCronSourceFormat: says(TEXT, 'What recurring imports keep: pvc or snapshot.'),
  snapshotClass: says(TEXT, 'The VolumeSnapshotClass that clones use.'),
};
const preallocation = says(FLAG, 'Whether the whole size is allocated at once.');
const contentType = says(TEXT, 'What the volume holds: kubevirt or archive.');

/** CDI's kinds without published types, as its CustomResourceDefinitions describe them. */
export const WRITTEN_CDI: Record<string, Schema> = {
  'io.kubevirt.cdi.v1beta1.StorageProfile': kindSchema(
    CDI,
    'StorageProfile',
    'What CDI recommends for claims of the storage class of the same name.',
    {
      'spec!': fields(profile),
      status: fields({ ...profile, provisioner: TEXT, storageClass: TEXT, conditions: CONDITIONS }),
    },
  ),
  'io.kubevirt.cdi.v1beta1.VolumeImportSource': kindSchema(
    CDI,
    'VolumeImportSource',
    'Where a claim that names it as its dataSourceRef gets its content from.',
    {
      'spec!': fields({
        checkpoints: list(fields({ 'current!': TEXT, 'previous!': TEXT })),
        contentType,
        finalCheckpoint: FLAG,
        preallocation,
        source: fields({
          blank: { type: 'object' },
          gcs: source('GCS'),
          http: source('HTTP'),
          imageio: source('ImageIO'),
          registry: source('Registry'),
          s3: source('S3'),
          vddk: source('VDDK'),
        }),
        targetClaim: says(TEXT, 'The claim of a multi-stage import.'),
      }),
      status: { type: 'object' },
    },
  ),
  'io.kubevirt.cdi.v1beta1.VolumeUploadSource': kindSchema(
    CDI,
    'VolumeUploadSource',
    'Says that a claim which names it as its dataSourceRef is filled by an upload.',
    { 'spec!': fields({ contentType, preallocation }), status: { type: 'object' } },
  ),
  'io.kubevirt.cdi.v1beta1.VolumeCloneSource': kindSchema(
    CDI,
    'VolumeCloneSource',
    'What a claim that names it as its dataSourceRef is cloned from.',
    {
      'spec!': fields({
        preallocation,
        priorityClassName: TEXT,
        'source!': {
          ...fields({ apiGroup: TEXT, 'kind!': TEXT, 'name!': TEXT }),
          'x-kubernetes-map-type': 'atomic',
        },
      }),
    },
  ),
  'io.kubevirt.cdi.v1beta1.ObjectTransfer': kindSchema(
    CDI,
    'ObjectTransfer',
    'Moves a claim or DataVolume to another namespace.',
    {
      'spec!': fields({
        parentName: TEXT,
        'source!': fields({
          apiVersion: TEXT,
          'kind!': TEXT,
          'name!': TEXT,
          'namespace!': TEXT,
          requiredAnnotations: map(TEXT),
        }),
        'target!': fields({ name: TEXT, namespace: TEXT }),
      }),
      status: fields({ conditions: CONDITIONS, data: map(TEXT), phase: TEXT }),
    },
  ),
  ...Object.fromEntries(
    [
      ['OvirtVolumePopulator', { 'diskId!': TEXT, 'engineSecretName!': TEXT, 'engineUrl!': TEXT }] as const,
      ['OpenstackVolumePopulator', { 'identityUrl!': TEXT, 'imageId!': TEXT, 'secretName!': TEXT }] as const,
    ].map(([kind, own]) => [
      `io.kubevirt.cdi.forklift.v1beta1.${kind}`,
      kindSchema(
        'forklift.cdi.kubevirt.io/v1beta1',
        kind,
        'Where a claim that names it as its dataSourceRef gets its content from, for migrations by Forklift.',
        {
          'spec!': fields({
            ...own,
            transferNetwork: {
              ...fields({ name: TEXT, namespace: TEXT }),
              'x-kubernetes-map-type': 'atomic',
            },
          }),
          status: fields({ progress: TEXT }),
        },
      ),
    ]),
  ),
};
