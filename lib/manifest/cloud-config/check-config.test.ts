import { describe, expect, it } from 'vitest';
import { networkDataProblems, userDataProblems } from './check-config';

const said = (content: string) =>
  userDataProblems(content).map(({ severity, message, range }) => [severity, message.key, range.line]);

describe('userDataProblems', () => {
  it('finds nothing wrong with what cloud-init takes', () => {
    expect(
      said(`#cloud-config
hostname: web
user: { name: ops, sudo: ALL }
password: 123456
chpasswd: { expire: false, users: [{ name: ops, type: RANDOM }] }
users:
- default
- name: eve
  groups: [wheel]
  sudo: false
  lock_passwd: no
  uid: 1200
packages: [vim, [nginx, 1.2], { snap: [x] }]
package_update: yes
write_files:
- { path: /a, content: x, permissions: 0644, encoding: b64, append: true }
runcmd: [ls, [touch, /a], null]
mounts: [[vdb, /data, auto, null, "0", "2"]]
growpart: { mode: auto, devices: [/] }
ntp:
x-note: anything
`),
    ).toEqual([]);
    expect(said('#!/bin/sh\nexit\n')).toEqual([]);
    expect(said('## template: jinja\n#cloud-config\nusers: {{ x }}\n')).toEqual([]);
  });

  it('names wrong types at their lines', () => {
    expect(
      said(`#cloud-config
runcmd: ls -l
package_update: "maybe"
write_files:
- content: x
users:
- name: [a]
- 3
chpasswd:
  expire: soon
  users:
  - { name: a, type: plain }
`),
    ).toEqual([
      ['error', 'guest.problem.type.list', 2],
      ['error', 'guest.problem.type.switch', 3],
      ['error', 'guest.problem.required', 5],
      ['error', 'guest.problem.type.text', 7],
      ['error', 'guest.problem.type.textOrList', 8],
      ['error', 'guest.problem.type.switch', 10],
      ['error', 'guest.problem.oneOf', 12],
    ]);
  });

  it('hints at keys that no module has', () => {
    expect(
      said('#cloud-config\nrun_cmd: []\nssh-authorized-keys: []\nusers: [{ name: a, pasword: x }]\n'),
    ).toEqual([
      ['info', 'guest.problem.unknownKey', 2],
      ['info', 'guest.problem.underscore', 3],
      ['info', 'guest.problem.unknownKey', 4],
    ]);
  });

  it('names a header that is missing, YAML that is none, and what a draft did not keep', () => {
    expect(said('users: []\n')).toEqual([['error', 'guest.problem.header', 1]]);
    expect(said('#cloud-config\na: [\n')[0]?.[1]).toBe('guest.problem.yaml');
    expect(said('#cloud-config\npassword: "••••••••"\n')).toEqual([['error', 'guest.problem.notKept', 2]]);
  });
});

describe('networkDataProblems', () => {
  it.each<[string, unknown[]]>([
    ['', []],
    ['version: 2\nethernets:\n  a:\n    dhcp4: true\n', []],
    ['network:\n  version: 1\n  config:\n  - type: physical\n    name: eth0\n', []],
    ['ethernets: {}\n', [['guest.problem.version', 1]]],
    [
      'version: 2\nethernets:\n  a:\n    dhcp4: perhaps\n    addresses: x\n',
      [
        ['guest.problem.type.switch', 4],
        ['guest.problem.type.list', 5],
      ],
    ],
    ['version: 1\n', [['guest.problem.required', 1]]],
    ['version: 2\neths: {}\n', [['guest.problem.unknownKey', 2]]],
  ])('reads %j', (content, found) => {
    expect(networkDataProblems(content).map(({ message, range }) => [message.key, range.line])).toEqual(
      found,
    );
  });
});
