import { describe, expect, it } from 'vitest';
import { ApiError } from '../errors';
import type { KubeObject } from '../objects';
import { admitDataVolume } from './data-volume';
import { emptyCluster, object } from './testing';

const size = { resources: { requests: { storage: '1Gi' } } };
const blank = { source: { blank: {} } };

function refusal(
  spec: object,
  { name = 'disk', old }: { name?: string; old?: object } = {},
  cluster = emptyCluster(),
) {
  const dv = (from: object): KubeObject => ({
    ...object('DataVolume', from),
    metadata: { ...object('x', {}).metadata, name },
  });
  try {
    admitDataVolume(
      {
        ...{ resource: 'datavolumes', group: 'cdi.kubevirt.io', namespace: 'shop', object: dv(spec) },
        ...{ operation: old ? 'UPDATE' : 'CREATE', ...(old ? { oldObject: dv(old) } : {}) },
        ...{ user: { username: 'edith', groups: [] }, fieldValidation: 'Ignore', dryRun: false },
      },
      cluster,
    );
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
}

describe('CDI’s webhook for DataVolumes', () => {
  it('puts two spaces before what it says, and gives no reason', () => {
    const status = refusal(blank);
    expect(status?.code).toBe(422);
    expect(status?.reason).toBeUndefined();
    expect(status?.message).toBe(
      'admission webhook "datavolume-validate.cdi.kubevirt.io" denied the request:  Missing Data volume PVC',
    );
    expect(status?.details?.causes).toEqual([
      { reason: 'FieldValueInvalid', message: 'Missing Data volume PVC', field: 'spec.PVC' },
    ]);
  });

  it.each([
    [
      { ...blank, pvc: size, storage: size },
      'Duplicate storage definition, both target storage and target pvc defined',
    ],
    [{ ...blank, pvc: size }, 'Required value: at least 1 access mode is required'],
    [
      { ...blank, pvc: { ...size, accessModes: ['ReadWriteOnce', 'ReadWriteMany'] } },
      'PVC multiple accessModes',
    ],
    [{ ...blank, storage: {} }, 'Storage size is missing'],
    [
      { ...blank, storage: { resources: { requests: { storage: '0' } } } },
      "Storage size can't be equal or less than zero",
    ],
    [
      { ...blank, storage: { resources: { requests: { storage: '1Ki' } } } },
      'Storage size should be at least 1MiB',
    ],
    [{ storage: size }, 'Data volume should have either Source or SourceRef, or be externally populated'],
    [{ storage: size, source: {} }, 'Missing Data volume source'],
    [{ storage: size, source: { blank: {}, upload: {} } }, 'Multiple Data volume sources'],
    [{ storage: size, source: { http: { url: '' } } }, 'spec.source source URL is empty'],
    [
      { storage: size, source: { http: { url: 'ftp://x/y' } } },
      'spec.source Invalid source URL scheme: ftp://x/y',
    ],
    [
      { storage: size, source: { registry: { url: 'http://x' } } },
      'Illegal registry source URL scheme http://x',
    ],
    [{ storage: size, sourceRef: { kind: 'DataSource' } }, 'Missing sourceRef name'],
    [
      { storage: size, sourceRef: { kind: 'DataSource', name: 'x' } },
      'SourceRef DataSource/shop/x not found',
    ],
    [
      { storage: size, source: { imageio: { url: 'https://x' } } },
      'spec.source.Imageio source Imageio is not valid',
    ],
    [{ ...blank, storage: size, contentType: 'iso' }, 'ContentType not one of: kubevirt, archive'],
  ])('refuses %j', (spec, text) => {
    expect(refusal(spec)?.message).toMatch(new RegExp(`:  ${text.replace(/[.*?()/[\]]/g, '\\$&')}$`));
  });

  it('admits what is whole, and what a claim’s own source fills', () => {
    expect(refusal({ ...blank, storage: size })).toBeUndefined();
    expect(
      refusal({ storage: { ...size, dataSourceRef: { kind: 'VolumeSnapshot', name: 'x' } } }),
    ).toBeUndefined();
    expect(refusal({ storage: {}, source: { pvc: { namespace: 'shop', name: 'a' } } })).toBeUndefined();
  });

  it('holds a DataVolume to what it was made as', () => {
    const old = { ...blank, storage: size };
    expect(refusal({ ...old, preallocation: true }, { old })?.message).toContain(
      'Cannot update DataVolume Spec',
    );
    expect(refusal(old, { old })).toBeUndefined();
  });

  it('does not take over a claim that is there', () => {
    const cluster = emptyCluster();
    cluster.create('persistentvolumeclaims', {
      ...object('PersistentVolumeClaim', {}),
      metadata: { name: 'disk', namespace: 'shop' },
    });
    const spec = { ...blank, storage: size };
    expect(refusal(spec, {}, cluster)?.message).toContain('Destination PVC shop/disk already exists');
    cluster.update('persistentvolumeclaims', 'shop', 'disk', ({ metadata }) => {
      metadata.annotations = { 'cdi.kubevirt.io/allowClaimAdoption': 'true' };
    });
    expect(refusal(spec, {}, cluster)).toBeUndefined();
  });

  it('lets nobody clone out of a namespace that is closed to them', () => {
    const spec = { storage: {}, source: { pvc: { namespace: 'bank', name: 'vault' } } };
    expect(refusal(spec)?.message).toBe(
      'admission webhook "datavolume-mutate.cdi.kubevirt.io" denied the request:  User edith has insufficient permissions in clone source namespace bank',
    );
  });
});
