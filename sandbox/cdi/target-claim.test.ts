import { describe, expect, it } from 'vitest';
import { targetClaim } from './target-claim';

const facts = {
  storageClass: 'standard',
  claimPropertySets: [
    { accessModes: ['ReadWriteMany'], volumeMode: 'Block' },
    { accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem' },
  ],
  overhead: { global: '0.06', storageClass: { standard: '0.055' } },
  sourceSize: undefined,
};
const size = (storage: string) => ({ resources: { requests: { storage } } });

describe('the claim behind a DataVolume', () => {
  it('is the pvc field as it stands', () => {
    const pvc = { accessModes: ['ReadWriteOnce'], ...size('5Gi') };
    expect(targetClaim({ pvc }, facts)).toEqual({ spec: pvc });
  });
  it('takes the modes that the profile recommends first', () => {
    expect(targetClaim({ storage: size('5Gi') }, facts)).toEqual({
      spec: {
        accessModes: ['ReadWriteMany'],
        volumeMode: 'Block',
        storageClassName: 'standard',
        ...size('5Gi'),
      },
    });
  });
  it('keeps what is said and adds what goes with it, with room for the file system', () => {
    const storage = { accessModes: ['ReadWriteOnce'], ...size('5Gi') };
    expect(targetClaim({ storage }, facts)).toMatchObject({
      spec: { accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem', ...size('5681173672') },
    });
  });
  it('never puts an archive on a block device', () => {
    expect(targetClaim({ storage: size('5Gi'), contentType: 'archive' }, facts)).toMatchObject({
      spec: { volumeMode: 'Filesystem' },
    });
  });
  it('is as large as its source where it names no size', () => {
    expect(targetClaim({ storage: {} }, { ...facts, sourceSize: '7Gi' })).toMatchObject({
      spec: size('7Gi'),
    });
  });
  it('cannot be made for a class that CDI knows nothing of', () => {
    expect(targetClaim({ storage: size('5Gi') }, { ...facts, claimPropertySets: [] })).toEqual({
      refusal: 'Spec is missing accessMode and cannot get access mode from StorageProfile standard',
    });
  });
});
