import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@/lib/k8s/json';
import { rewriteConfig, writeCloudConfig } from './rewrite-config';
import { readUserData } from './user-data';

const CONFIG = `#cloud-config
# Made by hand.
user:   "ops"   # the one on call
chpasswd: { expire: false }
users:
    - default
    # The second.
    - name: eve   # leaves soon
      groups: [ wheel,  docker ]
      lock_passwd: no
    - name: bob

write_files:
- path: /etc/motd
  permissions: 0644
  content: |
    hello
      there
# Last.
runcmd:
- [ls, -l]
- 'echo "a: b"'
`;

const read = (content: string): JsonObject => {
  const { config } = readUserData(content);
  if (!config) throw new Error('not readable');
  return config;
};

describe('rewriteConfig', () => {
  it('leaves a text as it is when nothing differs', () => {
    expect(rewriteConfig(CONFIG, read(CONFIG))).toBe(CONFIG);
  });

  it('changes one value and keeps comment, quotes and everything else', () => {
    expect(rewriteConfig(CONFIG, { ...read(CONFIG), user: 'dev' })).toBe(
      CONFIG.replace('user:   "ops"   # the one on call', 'user: "dev" # the one on call'),
    );
  });

  it('changes a user of a list and keeps the comments beside the others', () => {
    const config = read(CONFIG);
    const users = (config.users as unknown[]).map((user) =>
      typeof user === 'object' && user !== null && 'name' in user && user.name === 'bob'
        ? { ...user, shell: '/bin/bash' }
        : user,
    );
    const made = rewriteConfig(CONFIG, { ...config, users });
    expect(made).toContain('# The second.');
    expect(made).toContain('- name: eve # leaves soon');
    expect(made).toContain('lock_passwd: no');
    expect(made).toContain('shell: /bin/bash');
    expect(made?.split('write_files:')[1]).toBe(CONFIG.split('write_files:')[1]);
    expect(read(made ?? '')).toEqual({ ...config, users });
  });

  it('removes an entry before another without mixing them up', () => {
    const config = read(CONFIG);
    const users = [(config.users as unknown[])[0], (config.users as unknown[])[2]];
    const made = rewriteConfig(CONFIG, { ...config, users }) ?? '';
    expect(read(made)).toEqual({ ...config, users });
    expect(made).not.toContain('eve');
  });

  it('removes keys, adds keys, and reads as what was wanted', () => {
    const { runcmd: _runcmd, user: _user, ...rest } = read(CONFIG);
    const after = { ...rest, packages: ['vim'], timezone: 'Europe/Rome' };
    const made = rewriteConfig(CONFIG, after) ?? '';
    expect(read(made)).toEqual(after);
    expect(made).toContain('# Made by hand.');
    expect(made).toContain('# Last.');
    expect(made).toContain('permissions: 0644');
  });

  it('writes words quoted that YAML 1.1 would read as something else', () => {
    const after = { password: '0755', hostname: 'on', packages: ['yes', '12:30:45'] };
    const made = rewriteConfig('#cloud-config\n', after) ?? '';
    expect(read(made)).toEqual(after);
    expect(made).toContain('hostname: "on"');
    expect(writeCloudConfig(after)).toBe(made);
  });

  it('writes texts of several lines as blocks', () => {
    const after = { write_files: [{ path: '/a', content: 'one\ntwo: three\n' }] };
    expect(rewriteConfig('#cloud-config\n', after)).toBe(
      '#cloud-config\nwrite_files:\n- path: /a\n  content: |\n    one\n    two: three\n',
    );
  });

  it('writes what was empty without the quotes that only nothing needs', () => {
    const content = '#cloud-config\nwrite_files:\n- path: "" # where\n';
    expect(rewriteConfig(content, { write_files: [{ path: '/etc/x' }] })).toBe(
      '#cloud-config\nwrite_files:\n- path: /etc/x # where\n',
    );
  });

  it('copes with anchors, merge keys, flow style and JSON', () => {
    for (const content of [
      '#cloud-config\nbase: &b\n  shell: /bin/sh\nusers:\n- <<: *b\n  name: a\n',
      '#cloud-config\n{ "user": "a", "runcmd": [ "ls" ] }\n',
      '#cloud-config\nkeys: &k [ a, b ]\nssh_authorized_keys: *k\n',
      '#cloud-config\n',
      '#cloud-config\n# nothing but words',
    ]) {
      const after = { ...read(content), hostname: 'x', user: 'zoe' };
      const made = rewriteConfig(content, after) ?? '';
      expect(read(made)).toEqual(after);
      expect(made.startsWith('#cloud-config')).toBe(true);
    }
  });

  it('gives up on a text that cannot be read', () => {
    expect(rewriteConfig('#cloud-config\na: [', { a: 1 })).toBeUndefined();
    expect(rewriteConfig('#cloud-config\n- a\n', { a: 1 })).toBeUndefined();
  });
});

describe('readUserData', () => {
  it.each([
    ['', 'empty'],
    ['#!/bin/sh\nls\n', 'script'],
    ['## template: jinja\n#cloud-config\n', 'jinja'],
    ['#include\nhttps://x\n', 'include'],
    ['#cloud-boothook\n', 'boothook'],
    ['#cloud-config-archive\n- a\n', 'archive'],
    ['Content-Type: multipart/mixed; boundary="x"\n', 'multipart'],
    ['MIME-Version: 1.0\n', 'multipart'],
    ['user: a\n', 'unknown'],
    ['#cloud-config\nuser: a\n', 'cloud-config'],
  ])('tells what %j is', (content, kind) => {
    expect(readUserData(content).kind).toBe(kind);
  });

  it('names the line of what cannot be read', () => {
    const { problems, config } = readUserData('#cloud-config\nuser: a\nb: [\n');
    expect(config).toBeUndefined();
    expect(problems[0]?.range.line).toBeGreaterThan(2);
    expect(readUserData('\nuser: a\n').problems[0]?.message.key).toBe('guest.problem.header');
  });

  it('reads as YAML 1.1 does', () => {
    expect(read('#cloud-config\na: yes\nb: 0644\nc: 2030-01-01\nd: !!binary aGk=\n')).toEqual({
      a: true,
      b: 0o644,
      c: '2030-01-01',
      d: 'aGk=',
    });
  });
});
