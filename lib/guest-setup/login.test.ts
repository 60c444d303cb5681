import { describe, expect, it } from 'vitest';
import type { VmDraft } from '@/lib/kinds/vm/form/field';
import { guestText } from '@/lib/kinds/vm/form/guest/cloud-init';
import { guestConfig, onConfig } from './guest-config';
import { defaultUser, isWindows, onLogin, readLogin, withDefaultLogin, writeLogin } from './login';
import { isHiddenInside, withFreshPasswords, withoutSecretValues } from './secret-values';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEw2ZkQyYzhjM2Y0YjVhNmQ3ZThmOWEwYjFjMmQzZTQ= ada';

const draft = (image = 'quay.io/containerdisks/fedora:41', spec: object = {}): VmDraft => ({
  vm: {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name: 'web' },
    spec: {
      ...spec,
      template: {
        spec: {
          domain: { devices: { disks: [{ name: 'root', disk: {} }] } },
          volumes: [{ name: 'root', containerDisk: { image } }],
        },
      },
    },
  },
  others: [],
});

describe('withDefaultLogin', () => {
  it('gives a VM a user and a password, in a Secret of its own', () => {
    const made = withDefaultLogin(draft(), { password: 'abcd-efgh' });
    expect(JSON.stringify(made.vm)).not.toContain('abcd-efgh');
    expect(guestText(made, 'userData')).toEqual({
      place: { form: 'secret', name: 'web-cloudinit', isNew: true },
      content: '#cloud-config\nuser: fedora\npassword: abcd-efgh\nchpasswd:\n  expire: false\n',
    });
    expect(readLogin(guestConfig(made).config)).toEqual({ user: 'fedora', password: 'abcd-efgh', keys: '' });
  });

  it('lets alone what brings a login of its own, and Windows', () => {
    const made = withDefaultLogin(draft(), { password: 'x' });
    expect(withDefaultLogin(made, { password: 'y' })).toBe(made);
    const windows = draft('registry.example/images/windows-2022:1');
    expect(isWindows(windows.vm)).toBe(true);
    expect(withDefaultLogin(windows, { password: 'y' })).toBe(windows);
    expect(isWindows(draft('x', { preference: { name: 'windows.11.virtio' } }).vm)).toBe(true);
  });

  it('knows the users of distributions by their images', () => {
    expect(defaultUser(draft('quay.io/containerdisks/ubuntu:24.04').vm)).toBe('ubuntu');
    expect(defaultUser(draft('registry.example/app:1', { preference: { name: 'centos.stream9' } }).vm)).toBe(
      'centos',
    );
    expect(defaultUser(draft('registry.example/app:1').vm)).toBe('cloud-user');
  });
});

describe('writeLogin', () => {
  it('changes nothing when nothing is changed', () => {
    const config = { user: { name: 'a', groups: 'b' }, password: 'x', chpasswd: { list: 'a:b' }, z: 1 };
    expect(writeLogin(config, readLogin(config))).toBe(config);
    expect(writeLogin(config, { user: 'c' })).toEqual({ ...config, user: { name: 'c', groups: 'b' } });
  });

  it('takes back what it said', () => {
    const made = writeLogin({}, { user: 'a', password: 'p', keys: `# mine\n${KEY}\n` });
    expect(made).toEqual({
      user: 'a',
      password: 'p',
      chpasswd: { expire: false },
      ssh_authorized_keys: [KEY],
    });
    expect(writeLogin(made, { user: '', password: '', keys: '' })).toEqual({});
  });

  it('keeps keys in the VM, and passwords out of it', () => {
    const keys = onLogin({ keys: KEY }, { apart: true })(draft());
    expect(guestText(keys, 'userData').place.form).toBe('plain');
    const both = onLogin({ password: 'p' }, { apart: true })(keys);
    expect(guestText(both, 'userData').place.form).toBe('secret');
  });
});

describe('drafts that a browser keeps', () => {
  const made = onConfig((config) => ({
    ...config,
    users: [
      'default',
      { name: 'eve', lock_passwd: false, plain_text_passwd: 'open sesame', ssh_authorized_keys: [KEY] },
    ],
    write_files: [
      { path: '/etc/motd', content: 'hello\n' },
      { path: '/root/key', content: 'sesam', permissions: '0600' },
    ],
    runcmd: ['ls -l', 'login --password sesam', ['curl', '-H', 'Authorization: sesam']],
    chpasswd: { expire: false, list: 'bob:sesam' },
  }))(withDefaultLogin(draft(), { password: 'sesam-sesam' }));

  it('have no secret of a Secret, and all the rest of it', () => {
    const kept = { ...made, others: withoutSecretValues(made.others) };
    const text = JSON.stringify(kept);
    expect(text).not.toContain('sesam');
    expect(text).toContain('/root/key');
    expect(text).toContain(KEY);
    expect(text).toContain('ls -l');
    expect(guestConfig(kept).config).toMatchObject({
      user: 'fedora',
      users: ['default', { name: 'eve', lock_passwd: false }],
    });
    expect(isHiddenInside(guestConfig(kept).config)).toBe(true);
  });

  it('get new passwords when they come back', () => {
    const kept = { ...made, others: withoutSecretValues(made.others) };
    const back = withFreshPasswords(kept, () => 'new-password');
    expect(guestConfig(back).config).toMatchObject({
      password: 'new-password',
      users: ['default', { plain_text_passwd: 'new-password' }],
    });
  });

  it('hide every value of other Secrets, and leave other objects', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      data: { a: 'c2VzYW0=' },
      stringData: { b: 'x', c: KEY },
    };
    const map = { apiVersion: 'v1', kind: 'ConfigMap', data: { password: 'x' } };
    const [hidden, same] = withoutSecretValues([secret, map]);
    expect(hidden).toEqual({ ...secret, data: { a: '••••••••' }, stringData: { b: '••••••••', c: KEY } });
    expect(same).toBe(map);
  });
});
