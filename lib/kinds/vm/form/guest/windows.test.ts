import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@/lib/k8s/json';
import type { VmDraft } from '../field';
import { expectFieldsToKeep } from '../testing';
import {
  ACCESS_CREDENTIALS,
  credentialProblem,
  readCredential,
  withCredential,
  withKeysFrom,
  withNewKeySecret,
  writeCredential,
} from './credentials';
import {
  driversImage,
  driversOf,
  sysprepOf,
  withAnswerFile,
  withDrivers,
  withoutDrivers,
  withoutSysprep,
  withSysprep,
} from './sysprep';
import { unattendProblem } from './unattend';
import { withWindowsDefaults } from './windows';

const vm = (domain: JsonObject = {}, spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'win' },
  spec: {
    template: {
      spec: {
        domain: {
          ...domain,
          devices: {
            disks: [{ name: 'root', disk: { bus: 'virtio' } }],
            interfaces: [{ name: 'default', masquerade: {} }],
          },
        },
        volumes: [{ name: 'root', dataVolume: { name: 'x' } }],
        ...spec,
      },
    },
  },
});
const draft = (): VmDraft => ({ vm: vm(), others: [] });
const FILE =
  '<?xml version="1.0"?>\n<unattend xmlns="urn:schemas-microsoft-com:unattend">\n <!-- < --> <settings pass="x"/>\n</unattend>\n';

describe('unattendProblem', () => {
  it('takes an answer file', () => {
    expect(unattendProblem(FILE)).toBeUndefined();
    expect(
      unattendProblem(`\uFEFF${FILE.replace('<settings pass="x"/>', '<![CDATA[ < ]]> &amp; &#10;')}`),
    ).toBeUndefined();
  });

  it.each([
    ['', 1, 'guest.xml.empty'],
    ['<a>', 1, 'guest.xml.root'],
    ['<unattend>', 1, 'guest.xml.namespace'],
    [FILE.replace('</unattend>', ''), 2, 'guest.xml.unclosed'],
    [FILE.replace('</unattend>', '</unatend>'), 4, 'guest.xml.crossed'],
    [`${FILE}<more/>`, 5, 'guest.xml.twoRoots'],
    [FILE.replace('pass="x"', 'pass=x'), 3, 'guest.xml.attribute'],
    [FILE.replace('<settings', 'a & b<settings'), 3, 'guest.xml.ampersand'],
    ['hello', 1, 'guest.xml.outside'],
    ['<!-- -->', 1, 'guest.xml.noRoot'],
    [FILE.replace('<settings', '< settings'), 3, 'guest.xml.tag'],
  ])('says what is wrong with %j', (content, line, key) => {
    expect(unattendProblem(content)).toMatchObject({ line, message: { key } });
  });
});

describe('sysprep', () => {
  it('takes a pasted file into a Secret with the VM, and goes with it', () => {
    const made = withAnswerFile(draft(), FILE, 'autounattend.xml');
    expect(sysprepOf(made)).toEqual({
      kind: 'secret',
      name: 'win-sysprep',
      content: FILE,
      file: 'autounattend.xml',
    });
    expect(JSON.stringify(made.vm)).toContain('"cdrom":{"bus":"sata"}');
    const other = withAnswerFile(made, 'x', 'unattend.xml');
    expect(other.others[0]).toMatchObject({ stringData: { 'unattend.xml': 'x' } });
    expect(sysprepOf(other)).toMatchObject({ file: 'unattend.xml', content: 'x' });
    expect(withoutSysprep(other)).toEqual(draft());
  });

  it('takes what is in the cluster, and edits a ConfigMap of the manifest', () => {
    const made = withSysprep(draft(), 'configMap', 'answers');
    expect(sysprepOf(made)).toMatchObject({ kind: 'configMap', name: 'answers', content: undefined });
    const map = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'answers' },
      data: { 'Unattend.xml': 'a' },
    };
    const both = { ...made, others: [map] };
    expect(sysprepOf(both)).toMatchObject({ content: 'a', file: 'unattend.xml' });
    expect(withAnswerFile(both, 'b', 'unattend.xml').others).toEqual([
      { ...map, data: { 'Unattend.xml': 'b' } },
    ]);
    expect(withoutSysprep(both)).toEqual({ ...draft(), others: [map] });
    expect(withSysprep(withAnswerFile(draft(), FILE, 'unattend.xml'), 'secret', 'theirs').others).toEqual([]);
  });

  it('brings the drivers of the cluster’s KubeVirt', () => {
    expect(driversImage('v1.9.0')).toBe('quay.io/kubevirt/virtio-container-disk:v1.9.0');
    expect(driversImage('')).toBe('quay.io/kubevirt/virtio-container-disk:latest');
    const made = withDrivers(vm(), driversImage('v1.9.0'));
    expect(driversOf(made)).toContain('v1.9.0');
    expect(withDrivers(made, 'x')).toBe(made);
    expect(withoutDrivers(made)).toEqual(vm());
  });
});

describe('withWindowsDefaults', () => {
  const keys = (made: ReturnType<typeof withWindowsDefaults>) =>
    made.done.map(({ key }) => key.split('.').at(-1));

  it('says what it did, and does it once', () => {
    const made = withWindowsDefaults(vm(), { hasPreference: false });
    expect(keys(made)).toEqual(['hyperv', 'clock', 'tablet', 'sata', 'e1000e']);
    const again = withWindowsDefaults(made.vm, { hasPreference: false });
    expect(again.done).toEqual([]);
    expect(again.vm).toEqual(made.vm);
  });

  it('leaves to a preference and to the drivers what they do', () => {
    const withDisk = withDrivers(vm(), driversImage(''));
    expect(keys(withWindowsDefaults(withDisk, { hasPreference: false }))).toEqual([
      'hyperv',
      'clock',
      'tablet',
    ]);
    expect(withWindowsDefaults(vm(), { hasPreference: true })).toEqual({ vm: vm(), done: [] });
    const own = withWindowsDefaults(vm({ clock: { timezone: 'x' } }), { hasPreference: false });
    expect(keys(own)).not.toContain('clock');
  });
});

describe('access credentials', () => {
  const agent = {
    sshPublicKey: {
      source: { secret: { secretName: 's' } },
      propagationMethod: { qemuGuestAgent: { users: ['a', 'b'], x: 1 } },
    },
    more: 1,
  };
  const password = {
    userPassword: { source: { secret: { secretName: 'p' } }, propagationMethod: { qemuGuestAgent: {} } },
  };

  it('keep what is not changed', () => {
    expectFieldsToKeep([ACCESS_CREDENTIALS], [vm({}, { accessCredentials: [agent, password, { odd: 1 }] })]);
    for (const entry of [agent, password, { odd: 1 }])
      expect(writeCredential(entry, readCredential(entry))).toBe(entry);
    expect(writeCredential(agent, { users: 'c' })).toMatchObject({
      more: 1,
      sshPublicKey: { propagationMethod: { qemuGuestAgent: { users: ['c'], x: 1 } } },
    });
  });

  it('come from a Secret of the cluster, or with the VM', () => {
    const theirs = withKeysFrom(draft(), 'team');
    expect(readCredential(ACCESS_CREDENTIALS.read(theirs.vm)[0] ?? {})).toMatchObject({
      secret: 'team',
      propagation: 'qemuGuestAgent',
    });
    const made = withNewKeySecret(draft(), 'ssh-ed25519 AAAA a');
    expect(made.others).toMatchObject([
      { metadata: { name: 'win-ssh-keys' }, stringData: { keys: 'ssh-ed25519 AAAA a\n' } },
    ]);
    expect(withCredential(made, 0, undefined)).toEqual(draft());
    expect(withCredential(made, 0, { secret: 'team' }).others).toEqual([]);
  });

  it('name what KubeVirt would pass over', () => {
    const noCloud = writeCredential(agent, { propagation: 'noCloud' });
    expect(credentialProblem(vm(), noCloud)?.key).toBe('guest.credential.needsNoCloud');
    expect(credentialProblem(vm(), agent)).toBeUndefined();
    expect(credentialProblem(vm(), writeCredential(agent, { users: '' }))?.key).toBe(
      'guest.credential.noUsers',
    );
    expect(credentialProblem(vm(), writeCredential(agent, { secret: '' }))?.key).toBe(
      'guest.credential.noSecret',
    );
  });
});
