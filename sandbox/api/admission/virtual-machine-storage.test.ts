import { describe, expect, it } from 'vitest';
import { devicesWith, refusal, vmWith } from './testing';

const AT = 'spec.template.spec';
const DISK = `${AT}.domain.devices.disks`;
const NIC = `${AT}.domain.devices.interfaces`;

const root = { name: 'root', disk: { bus: 'virtio' } };
const nic = { name: 'default', masquerade: {} };
const disks = (...list: object[]) => ({ domain: devicesWith({ disks: list }) });
const image = { name: 'root', containerDisk: { image: 'quay.io/disks/web:1' } };
const volumes = (...list: object[]) => ({ volumes: [image, ...list] });
const cloudInit = (data: object) => volumes({ name: 'init', cloudInitNoCloud: data });
const two = { name: 'two', disk: {} };
const blank = { name: 'two', emptyDisk: { capacity: '1Gi' } };

describe('a VM is refused for its disks and volumes', () => {
  it.each<[string, object, string, string]>([
    ['a disk without a volume', { volumes: [] }, `${DISK}[0].Name 'root' not found.`, `${DISK}[0].name`],
    [
      'two disks of one name',
      disks(root, root),
      `${DISK}[1] and ${DISK}[0] must not have the same Name.`,
      `${DISK}[1].name`,
    ],
    [
      'an unknown bus',
      disks({ name: 'root', disk: { bus: 'warp' } }),
      `${DISK}[0] is set with an unrecognized bus warp, must be one of: [virtio scsi sata usb]`,
      `${DISK}[0].disk.bus`,
    ],
    [
      'an IDE bus',
      disks({ name: 'root', disk: { bus: 'ide' } }),
      'IDE bus is not supported',
      `${DISK}[0].disk.bus`,
    ],
    [
      'a CD-ROM on virtio',
      disks({ name: 'root', cdrom: { bus: 'virtio' } }),
      'Bus type virtio is invalid for CD-ROM device',
      `${DISK}[0].cdrom.bus`,
    ],
    [
      'a read-only SATA disk',
      disks({ name: 'root', disk: { bus: 'sata', readonly: true } }),
      'sata hard-disks do not support read-only.',
      `${DISK}[0].disk.bus`,
    ],
    [
      'a disk of two kinds',
      disks({ ...root, cdrom: { bus: 'sata' } }),
      `${DISK}[0] can only have a single target type defined`,
      `${DISK}[0]`,
    ],
    [
      'a LUN on a container disk',
      disks({ name: 'root', lun: { bus: 'scsi' } }),
      `${DISK}[0].lun can only be mapped to a DataVolume or PersistentVolumeClaim volume.`,
      `${DISK}[0].lun`,
    ],
    [
      'a boot order of 0',
      disks({ ...root, bootOrder: 0 }),
      `${DISK}[0] must have a boot order > 0, if supplied`,
      `${DISK}[0].bootOrder`,
    ],
    [
      'two disks that boot first',
      { ...volumes(blank), ...disks({ ...root, bootOrder: 1 }, { ...two, bootOrder: 1 }) },
      `Boot order for ${DISK}[1].bootOrder already set for a different device.`,
      `${DISK}[1].bootOrder`,
    ],
    [
      'a NIC that boots when a disk does',
      { domain: devicesWith({ disks: [{ ...root, bootOrder: 1 }], interfaces: [{ ...nic, bootOrder: 1 }] }) },
      `Boot order for ${NIC}[0].bootOrder already set for a different device.`,
      `${NIC}[0].bootOrder`,
    ],
    [
      'an unknown cache mode',
      disks({ ...root, cache: 'much' }),
      `${DISK}[0].cache has invalid value much`,
      `${DISK}[0].cache`,
    ],
    [
      'a serial with spaces',
      disks({ ...root, serial: 'a b' }),
      `${DISK}[0] must be made up of the following characters [A-Za-z0-9_.+-], if specified`,
      `${DISK}[0].serial`,
    ],
    [
      'a block size that is no power of two',
      disks({ ...root, blockSize: { custom: { logical: 600, physical: 4096 } } }),
      'Provided size of 600 is not a power of 2',
      `${DISK}[0].blockSize.custom.logical`,
    ],
    [
      'two volumes of one name',
      volumes(image),
      `${AT}.volumes[1] and ${AT}.volumes[0] must not have the same Name.`,
      `${AT}.volumes[1].name`,
    ],
    [
      'a volume without a source',
      volumes({ name: 'none' }),
      `${AT}.volumes[1] must have exactly one source type set`,
      `${AT}.volumes[1]`,
    ],
    [
      'a volume with two sources',
      volumes({ ...blank, secret: { secretName: 's' } }),
      `${AT}.volumes[1] must have exactly one source type set`,
      `${AT}.volumes[1]`,
    ],
    [
      'cloud-init given twice',
      cloudInit({ userData: '#cloud-config', userDataBase64: 'I2Nsb3Vk' }),
      `${AT}.volumes[1].cloudInitNoCloud must have only one userdatasource set.`,
      `${AT}.volumes[1].cloudInitNoCloud`,
    ],
    [
      'empty cloud-init',
      cloudInit({}),
      `${AT}.volumes[1].cloudInitNoCloud must have at least one userdatasource or one networkdatasource set.`,
      `${AT}.volumes[1].cloudInitNoCloud`,
    ],
    [
      'more cloud-init than fits',
      cloudInit({ userData: 'x'.repeat(2049) }),
      `${AT}.volumes[1].cloudInitNoCloud userdata exceeds 2048 byte limit. Should use UserDataSecretRef for larger data.`,
      `${AT}.volumes[1].cloudInitNoCloud`,
    ],
    [
      'cloud-init that is no base64',
      cloudInit({ userDataBase64: '%%%' }),
      `${AT}.volumes[1].cloudInitNoCloud.userDataBase64.cloudInitNoCloud.userDataBase64 is not a valid base64 value.`,
      `${AT}.volumes[1].cloudInitNoCloud.userDataBase64`,
    ],
    [
      'a host disk',
      volumes({ name: 'host', hostDisk: { path: '/tmp/x.img', type: 'Disk' } }),
      'HostDisk feature gate is not enabled',
      `${AT}.volumes[1]`,
    ],
    [
      'a secret volume without a secret',
      volumes({ name: 'keys', secret: {} }),
      `${AT}.volumes[1].secret.secretName is a required field`,
      `${AT}.volumes[1].secret.secretName`,
    ],
    [
      'a container disk path with dots',
      volumes({ name: 'other', containerDisk: { image: 'a:1', path: '/disk/../x' } }),
      `${AT}.volumes[1].containerDisk must be an absolute path to a file without relative components`,
      `${AT}.volumes[1].containerDisk`,
    ],
  ])('%s', (_what, template, message, field) => {
    const status = refusal(vmWith(template as Record<string, unknown>));
    expect(status?.details?.causes).toEqual([{ reason: expect.any(String), message, field }]);
  });
});
