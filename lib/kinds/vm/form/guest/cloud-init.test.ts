import { describe, expect, it } from 'vitest';
import { valueAt } from '@/lib/k8s/json';
import type { VmDraft } from '../field';
import {
  findCloudInit,
  guestText,
  inlineBytes,
  movedInline,
  movedToSecret,
  withCloudInitSource,
  withExistingSecret,
  withGuestText,
  withoutCloudInit,
} from './cloud-init';
import { encodeBase64, secretValue } from './secret-document';

const bare = (source?: object, others: VmDraft['others'] = []): VmDraft => ({
  vm: {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name: 'web', namespace: 'dev' },
    spec: {
      template: {
        spec: {
          domain: {
            devices: {
              disks: [
                { name: 'root', disk: { bus: 'virtio' } },
                ...(source ? [{ name: 'ci', disk: { bus: 'sata' }, serial: 'x' }] : []),
              ],
            },
          },
          volumes: [
            { name: 'root', containerDisk: { image: 'x' } },
            ...(source ? [{ name: 'ci', ...source }] : []),
          ],
        },
      },
    },
  },
  others,
});
const USER_DATA = '#cloud-config\nuser: ä\n';

describe('guestText', () => {
  it('writes what it read in the form in which it stands', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
    for (const draft of [
      bare({ cloudInitNoCloud: { userData: USER_DATA, networkData: 'version: 2\n' } }),
      bare({ cloudInitConfigDrive: { userDataBase64: encodeBase64(USER_DATA) } }),
      bare({ cloudInitNoCloud: { secretRef: { name: 's' } } }, [
        { ...secret, stringData: { userData: USER_DATA } },
      ]),
      bare({ cloudInitNoCloud: { secretRef: { name: 's' } } }, [
        { ...secret, data: { userdata: encodeBase64(USER_DATA), other: 'eA==' } },
      ]),
    ]) {
      const { content } = guestText(draft, 'userData');
      expect(content).toBe(USER_DATA);
      expect(withGuestText(draft, 'userData', content)).toBe(draft);
      const changed = withGuestText(draft, 'userData', '#cloud-config\nuser: ö\n');
      expect(guestText(changed, 'userData')).toEqual({
        place: guestText(draft, 'userData').place,
        content: '#cloud-config\nuser: ö\n',
      });
      expect(withGuestText(changed, 'userData', USER_DATA)).toEqual(draft);
    }
  });

  it('does not touch a Secret of the cluster', () => {
    const draft = bare({ cloudInitNoCloud: { secretRef: { name: 'theirs' } } });
    expect(guestText(draft, 'userData')).toEqual({
      place: { form: 'secret', name: 'theirs', isNew: false },
      content: undefined,
    });
    expect(withGuestText(draft, 'userData', USER_DATA)).toBe(draft);
  });

  it('makes the volume and its disk where there is none, and takes both away again', () => {
    const made = withGuestText(bare(), 'userData', USER_DATA);
    expect(findCloudInit(made.vm)).toEqual({ name: 'cloudinitdisk', source: 'cloudInitNoCloud', index: 1 });
    expect(valueAt(made.vm, ['spec', 'template', 'spec', 'domain', 'devices', 'disks', 1])).toEqual({
      name: 'cloudinitdisk',
      disk: { bus: 'virtio' },
    });
    expect(withoutCloudInit(made)).toEqual(bare());
  });
});

describe('moving', () => {
  it('moves both texts into one Secret and back', () => {
    const draft = bare({ cloudInitNoCloud: { userData: USER_DATA, networkData: 'version: 2\n' } });
    expect(inlineBytes(draft, 'userData')).toBe(new TextEncoder().encode(USER_DATA).length);
    const moved = movedToSecret(movedToSecret(draft, 'userData'), 'networkData');
    expect(moved.others).toHaveLength(1);
    expect(moved.others[0]).toMatchObject({
      metadata: { name: 'web-cloudinit', namespace: 'dev' },
      stringData: { userdata: USER_DATA, networkdata: 'version: 2\n' },
    });
    expect(findCloudInit(moved.vm)?.index).toBe(1);
    expect(valueAt(moved.vm, ['spec', 'template', 'spec', 'volumes', 1])).toEqual({
      name: 'ci',
      cloudInitNoCloud: {
        secretRef: { name: 'web-cloudinit' },
        networkDataSecretRef: { name: 'web-cloudinit' },
      },
    });
    expect(inlineBytes(moved, 'userData')).toBe(0);
    expect(movedInline(movedInline(moved, 'userData'), 'networkData')).toEqual(draft);
    expect(withoutCloudInit(moved)).toEqual(bare());
  });

  it('keeps what else a Secret of the manifest says', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      stringData: { userdata: 'x', token: 'y' },
    };
    const gone = withoutCloudInit(bare({ cloudInitNoCloud: { secretRef: { name: 's' } } }, [secret]));
    expect(gone.others).toEqual([{ ...secret, stringData: { token: 'y' } }]);
  });

  it('takes a Secret of the cluster instead', () => {
    const draft = movedToSecret(bare({ cloudInitNoCloud: { userData: USER_DATA } }), 'userData');
    const existing = withExistingSecret(draft, 'userData', 'theirs');
    expect(existing.others).toEqual([]);
    expect(guestText(existing, 'userData').place).toEqual({ form: 'secret', name: 'theirs', isNew: false });
    expect(guestText(withExistingSecret(existing, 'userData', ''), 'userData').place.form).toBe('none');
  });

  it('switches between NoCloud and config drive', () => {
    const draft = bare({ cloudInitNoCloud: { userData: USER_DATA } });
    const drive = withCloudInitSource(draft, 'cloudInitConfigDrive');
    expect(findCloudInit(drive.vm)?.source).toBe('cloudInitConfigDrive');
    expect(guestText(drive, 'userData').content).toBe(USER_DATA);
    expect(withCloudInitSource(drive, 'cloudInitNoCloud')).toEqual(draft);
    expect(secretValue({ data: { a: '%%%' } }, 'a')).toBeUndefined();
  });
});
