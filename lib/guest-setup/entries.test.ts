import { describe, expect, it } from 'vitest';
import { guestText } from '@/lib/kinds/vm/form/guest/cloud-init';
import { encodeBase64 } from '@/lib/kinds/vm/form/guest/secret-document';
import {
  linesField,
  readFile,
  readUser,
  SUDO_ALL,
  withEntryAt,
  withNewFile,
  withNewUser,
  writeFile,
  writeUser,
} from './entries';
import { networkData, onNetworkData, withCard, withNewCard } from './network-data';

const USERS: unknown[] = [
  'default',
  { name: 'a', gecos: 'A B', groups: ['x', 'y'], sudo: ['ALL'], shell: '/bin/sh', uid: 7, passwd: '$6$x' },
  { name: 'b', groups: 'x, y', sudo: false, ssh_authorized_keys: ['k 1', 'k 2'], lock_passwd: true },
];

describe('users', () => {
  it('keep what is not changed', () => {
    for (const entry of USERS) expect(writeUser(entry, readUser(entry))).toBe(entry);
    expect(writeUser(USERS[1], { groups: 'x, z' })).toEqual({ ...(USERS[1] as object), groups: ['x', 'z'] });
    expect(writeUser(USERS[2], { groups: 'z' })).toEqual({ ...(USERS[2] as object), groups: 'z' });
  });

  it('get a password that lets them in', () => {
    expect(writeUser({ name: 'c' }, { password: 'p' })).toEqual({
      name: 'c',
      plain_text_passwd: 'p',
      lock_passwd: false,
    });
    expect(writeUser({ name: 'c', plain_text_passwd: 'p', lock_passwd: false }, { password: '' })).toEqual({
      name: 'c',
    });
  });

  it('come beside the image’s own, and go', () => {
    const made = withNewUser({ hostname: 'x' });
    expect(made).toEqual({
      hostname: 'x',
      users: ['default', { name: 'user', sudo: SUDO_ALL, shell: '/bin/bash' }],
    });
    expect(withEntryAt(made, 'users', 1, () => undefined)).toEqual({ hostname: 'x' });
    expect(withNewUser({ users: 'a,b' })).toEqual({ users: 'a,b' });
  });
});

describe('files', () => {
  it('are edited decoded and written as they were', () => {
    const encoded = { path: '/a', encoding: 'b64', content: encodeBase64('ä\n'), append: true };
    expect(readFile(encoded)).toMatchObject({ content: 'ä\n' });
    expect(writeFile(encoded, readFile(encoded))).toBe(encoded);
    expect(writeFile(encoded, { content: 'ö' })).toEqual({ ...encoded, content: encodeBase64('ö') });
    const packed = { path: '/b', encoding: 'gz+b64', content: 'xx', permissions: 0o600 };
    expect(readFile(packed)).toMatchObject({ content: undefined, permissions: '0600' });
    expect(writeFile(packed, { owner: 'root:root' })).toEqual({ ...packed, owner: 'root:root' });
    expect(withEntryAt(withNewFile({}), 'write_files', 0, () => undefined)).toEqual({});
  });
});

describe('lines', () => {
  const field = linesField('runcmd');
  it('show commands in both of their forms', () => {
    const config = { runcmd: ['ls -l', ['touch', '/a b']] };
    expect(field.read(config)).toBe('ls -l\n["touch","/a b"]');
    expect(field.write(config, field.read(config))).toBe(config);
    expect(field.write({}, 'ls\n\n  ["a"]\n[ -f x ] && y')).toEqual({
      runcmd: ['ls', ['a'], '[ -f x ] && y'],
    });
    expect(field.write(config, '')).toEqual({});
  });

  it('leave to the text what has no line', () => {
    for (const runcmd of [['a\nb'], [3], 'ls', [null], [['a', 1]], ['["a"]']]) {
      expect(field.read({ runcmd })).toBeUndefined();
      expect(field.write({ runcmd }, undefined)).toEqual({ runcmd });
    }
  });
});

describe('network data', () => {
  const draft = (networkData?: string) => ({
    vm: {
      spec: {
        template: {
          spec: {
            volumes: [
              {
                name: 'ci',
                cloudInitNoCloud: { userData: '#cloud-config\n', ...(networkData ? { networkData } : {}) },
              },
            ],
          },
        },
      },
    },
    others: [],
  });

  const TWO = `# Ours.
version: 2
ethernets:
  lan:   # the fast one
    match: { macaddress: "02:00:00:00:00:01" }
    addresses: [192.0.2.10/24]
    routes:
    - to: default
      via: 192.0.2.1
    nameservers:
      addresses: [192.0.2.53]
      search: [example]
    mtu: 9000
`;
  const ONE = 'version: 1\nconfig:\n- type: physical\n  name: eth0\n  subnets:\n  - type: dhcp\n';

  it('shows the simple cases of both versions', () => {
    expect(networkData(draft(TWO)).cards).toEqual([
      {
        name: 'lan',
        mac: '02:00:00:00:00:01',
        dhcp: false,
        addresses: '192.0.2.10/24',
        gateway: '192.0.2.1',
        dns: '192.0.2.53',
      },
    ]);
    expect(networkData(draft(ONE)).cards).toMatchObject([{ name: 'eth0', dhcp: true }]);
    expect(networkData(draft()).cards).toEqual([]);
    expect(networkData(draft('version: 2\nbonds: {}\n')).cards).toBeUndefined();
  });

  it('changes a card in its text', () => {
    const changed = onNetworkData((config) => withCard(config, 0, { gateway: '192.0.2.2', dhcp: true }))(
      draft(TWO),
    );
    const { content } = guestText(changed, 'networkData');
    expect(content).toContain('# Ours.');
    expect(content).toContain('# the fast one');
    expect(content).toContain('via: 192.0.2.2');
    expect(content).toContain('mtu: 9000');
    expect(content).toContain('search: [ example ]');
    const one = onNetworkData((config) => withCard(config, 0, { dhcp: false, addresses: '192.0.2.7/24' }))(
      draft(ONE),
    );
    expect(networkData(one).cards).toMatchObject([{ dhcp: false, addresses: '192.0.2.7/24' }]);
  });

  it('adds cards and takes the whole text away with the last', () => {
    const made = onNetworkData((config) => withNewCard(config, '02:00:00:00:00:02'))(draft());
    expect(guestText(made, 'networkData').content).toBe(
      'version: 2\nethernets:\n  card0:\n    match:\n      macaddress: "02:00:00:00:00:02"\n    dhcp4: true\n',
    );
    expect(onNetworkData((config) => withCard(config, 0, undefined))(made)).toEqual(draft());
    expect(networkData(onNetworkData((config) => withNewCard(config, ''))(draft(ONE))).cards).toHaveLength(2);
  });
});
