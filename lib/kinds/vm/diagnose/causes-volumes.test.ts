import { describe, expect, it } from 'vitest';
import {
  type Case,
  CLAIM,
  dv,
  event,
  expectCause,
  failing,
  http,
  made,
  onClaim,
  pvc,
  template,
  testVm,
} from './testing';

const CASES: Case[] = [
  ['claim missing', 'claimMissing', onClaim(), 'web-root'],
  ['claim lost', 'claimLost', onClaim(pvc('Lost')), 'web-root'],
  ['no such class', 'storageClassMissing', onClaim(pvc('Pending', { storageClassName: 'gold' })), 'gold'],
  [
    'no class at all',
    'noStorageClass',
    onClaim(
      pvc('Pending'),
      event(
        'web-root',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
      ),
    ),
  ],
  [
    'provisioning',
    'provisioningFailed',
    onClaim(
      pvc('Pending', { storageClassName: 'gold' }),
      made('StorageClass', 'gold', {}, { namespace: undefined }),
      event('web-root', 'ProvisioningFailed', 'pool is full'),
    ),
    'pool is full',
  ],
  [
    'pending',
    'claimPending',
    onClaim(
      pvc('Pending', { storageClassName: 'gold' }),
      made('StorageClass', 'gold', {}, { namespace: undefined }),
    ),
    'gold',
  ],
  [
    'import 404',
    'importNotFound',
    onClaim(
      dv(http, failing('Unable to process data: expected status code 200, got 404. Status: 404 Not Found')),
      pvc('Pending'),
    ),
    'https://images.example.com/fedora.qcow2',
  ],
  [
    'import 403',
    'importDenied',
    onClaim(dv(http, failing('expected status code 200, got 403. Status: 403 Forbidden'))),
  ],
  [
    'import unreachable',
    'importUnreachable',
    onClaim(
      dv(
        http,
        failing('Get "https://images.example.com": dial tcp: lookup images.example.com: no such host'),
      ),
    ),
  ],
  [
    'import too large',
    'importTooLarge',
    onClaim(
      dv(
        http,
        failing(
          'Virtual image size 20Gi is larger than the reported available storage 10Gi. A larger PVC is required.',
        ),
      ),
    ),
  ],
  [
    'import garbled',
    'importUnreadable',
    onClaim(dv(http, failing('qemu-img: Could not open: Image is not in qcow2 format'))),
  ],
  ['import checksum', 'importChecksum', onClaim(dv(http, failing('checksum mismatch')))],
  [
    'registry import',
    'importNotFound',
    onClaim(dv({ registry: { url: 'docker://quay.io/x' } }, failing('manifest unknown', 'ImagePullFailed'))),
  ],
  [
    'importer unscheduled',
    'importUnscheduled',
    onClaim(dv(http, failing('Importer pod cannot be scheduled', 'Unschedulable'))),
  ],
  ['upload', 'uploadWaiting', onClaim(dv({ upload: {} }, { phase: 'UploadReady' })), 'web-root'],
  [
    'no data source',
    'sourceMissing',
    onClaim(
      made('DataVolume', 'web-root', {
        spec: { sourceRef: { kind: 'DataSource', name: 'fedora', namespace: 'images' } },
        status: { phase: 'Pending' },
      }),
    ),
    'DataSource images/fedora',
  ],
  [
    'no claim to clone',
    'sourceMissing',
    onClaim(dv({ pvc: { name: 'gold-image', namespace: 'images' } }, { phase: 'Pending' })),
    'PersistentVolumeClaim images/gold-image',
  ],
  [
    'quota of storage',
    'quota',
    onClaim(
      dv(http, { phase: 'Pending' }),
      event(
        'web-root',
        'ErrExceededQuota',
        'persistentvolumeclaims "web-root" is forbidden: exceeded quota: disks, requested: requests.storage=10Gi, used: requests.storage=95Gi, limited: requests.storage=100Gi',
      ),
    ),
    'disks',
    'requests.storage 95 GiB',
  ],
  [
    'no access mode',
    'noAccessMode',
    onClaim(
      dv(http, { phase: 'Pending' }),
      event(
        'web-root',
        'ErrClaimNotValid',
        'Spec is missing accessMode and cannot get access mode from StorageProfile gold',
      ),
    ),
  ],
  [
    'refused volume',
    'volumeRefused',
    [
      testVm(template(http), { printableStatus: 'Provisioning' }, { volumes: [CLAIM] }),
      event('web', 'FailedDataVolumeCreate', 'PVC size is missing'),
    ],
    'PVC size is missing',
  ],
];

describe('diagnose, of its volumes', () => {
  it.each(CASES)('%s: %s', async (_, cause, world, ...named) => {
    await expect(expectCause(cause, world, named)).resolves.toBeUndefined();
  });
});
