import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { seedFiles } from './cloud-init';

/** Runs the digest in a real shell whose ci_… functions print their arguments, one call a line: name|arg|arg. */
function digest(userData: string, more: { networkData?: string; defaultUser?: string } = {}) {
  const files = seedFiles({ instanceId: 'i-1', hostname: 'vm-1', userData, ...more });
  const names =
    'hostname user group password password_hash expire keys file script dhcp_on address route nameserver message power warn finished';
  const stubs = names
    .split(' ')
    .map(
      (name) => `ci_${name}() { printf '${name}'; for word in "$@"; do printf '|%s' "$word"; done; echo; }`,
    )
    .join('\n');
  const script = files.get('portlight.sh')?.toString() ?? '';
  const run = (call: string) =>
    execFileSync('sh', ['-c', `${stubs}\n${script}\n${call}`], { encoding: 'utf8' })
      .trimEnd()
      .split('\n');
  return { files, init: run('ci_init'), final: run('ci_final'), network: () => run('ci_network') };
}

const text = (files: Map<string, Buffer>, name: string) => files.get(name)?.toString();

describe('users and passwords', () => {
  it("gives the image's user the password", () => {
    const { init } = digest('#cloud-config\npassword: fedora\nchpasswd: { expire: False }\n', {
      defaultUser: 'fedora',
    });
    expect(init).toEqual([
      'hostname|vm-1|vm-1',
      'user|fedora||Cloud User|/home/fedora|/bin/sh|sudo',
      'password|fedora|fedora',
    ]);
  });

  it('lets passwords expire unless told not to', () => {
    expect(digest('#cloud-config\npassword: x\n').init).toContain('expire|cloud');
  });

  it('makes the users of the list, with groups, keys and passwords', () => {
    const { init, files } = digest(`#cloud-config
users:
  - default
  - name: ann
    gecos: "Ann: admin"
    groups: [wheel, docker]
    shell: /bin/bash
    lock_passwd: false
    passwd: $6$salt$hash
    ssh_authorized_keys: [ssh-ed25519 AAAA ann]
  - name: bob
    uid: 1500
    sudo: ALL=(ALL) NOPASSWD:ALL
    plain_text_passwd: it's "quoted" $HOME
    lock_passwd: false
`);
    expect(init).toContain('user|ann||Ann  admin|/home/ann|/bin/sh|wheel docker sudo');
    expect(init).toContain('password_hash|ann|$6$salt$hash');
    expect(init).toContain('keys|ann|/home/ann|portlight-1');
    expect(text(files, 'portlight-1')).toBe('ssh-ed25519 AAAA ann\n');
    expect(init).toContain('user|bob|1500|bob|/home/bob|/bin/sh|sudo');
    expect(init).toContain('password|bob|it\'s "quoted" $HOME');
  });

  it('reads chpasswd as lines and as entries, and draws random passwords', () => {
    const lines = digest('#cloud-config\nchpasswd:\n  expire: false\n  list: |\n    root:toor\n    ann:R\n');
    expect(lines.init).toContain('password|root|toor');
    expect(lines.init.find((line) => line.startsWith('password|ann|'))).toMatch(/^password\|ann\|\w{20}$/);
    expect(lines.final.join('\n')).toMatch(/Set the following 'random' passwords\nann:\w{20}/);
    const entries = digest(
      '#cloud-config\nchpasswd:\n  expire: false\n  users:\n    - {name: root, password: $6$a$b, type: hash}\n    - {name: ann, password: 1234, type: text}\n',
    );
    expect(entries.init).toContain('password_hash|root|$6$a$b');
    expect(entries.init).toContain('password|ann|1234');
  });

  it('names the default user as user-data wants, and leaves it out where the list does', () => {
    expect(digest('#cloud-config\nuser: fay\npassword: x\n').init).toContain(
      'user|fay||Cloud User|/home/fay|/bin/sh|sudo',
    );
    expect(digest('#cloud-config\nusers: []\n').init).toEqual(['hostname|vm-1|vm-1']);
  });

  it('refuses a name that would corrupt the list of accounts', () => {
    const { init } = digest('#cloud-config\nusers: ["a:0:0"]\n');
    expect(init[0]).toMatch(/^warn\|Failed to create user "a:0:0"/);
    expect(init.filter((line) => line.startsWith('user|'))).toEqual([]);
  });
});

describe('names, files and commands', () => {
  it('takes the host name from user-data, the full one first', () => {
    expect(digest('#cloud-config\nhostname: web\n').init).toContain('hostname|web|web');
    expect(digest('#cloud-config\nhostname: web\nfqdn: web1.example.org\n').init).toContain(
      'hostname|web1|web1.example.org',
    );
    expect(digest('#cloud-config\nhostname: "a b; reboot"\n').init[0]).toBe(
      'warn|"a b; reboot" cannot be a hostname',
    );
  });

  it('decodes files, and keeps modes, owners and appending', () => {
    const packed = gzipSync('packed').toString('base64');
    const { init, files } = digest(`#cloud-config
write_files:
  - {path: /etc/a, content: "one\\n", permissions: '0600', owner: 'ann:users'}
  - {path: /etc/b, content: ${packed}, encoding: gz+b64, append: true}
  - {path: /etc/c, content: aGVsbG8=, encoding: b64, permissions: 0755}
  - {content: nowhere}
`);
    expect(init.filter((line) => line.startsWith('file|'))).toEqual([
      'file|portlight-1|/etc/a|0600|ann:users|',
      'file|portlight-2|/etc/b|0644|root:root|yes',
      'file|portlight-3|/etc/c|755|root:root|',
    ]);
    expect(['portlight-1', 'portlight-2', 'portlight-3'].map((name) => text(files, name))).toEqual([
      'one\n',
      'packed',
      'hello',
    ]);
    expect(init[0]).toBe('warn|No path provided to write for entry 4 in module write_files');
  });

  it('writes commands as cloud-init does: strings verbatim, lists quoted', () => {
    const { files, final } = digest(
      '#cloud-config\nruncmd:\n  - echo $HOME > /tmp/x\n  - [echo, "it\'s", 2]\n',
    );
    expect(final[0]).toBe('script|portlight-1');
    expect(text(files, 'portlight-1')).toBe("#!/bin/sh\necho $HOME > /tmp/x\n'echo' 'it'\\''s' '2'\n");
  });

  it('runs a script that stands in for cloud-config', () => {
    const { files, final } = digest('#!/bin/sh\ndate\n');
    expect(final[0]).toBe('script|portlight-1');
    expect(text(files, 'portlight-1')).toBe('#!/bin/sh\ndate\n');
  });

  it('says what this guest cannot do', () => {
    const { init } = digest(
      '#cloud-config\npackages: [nginx, [git, "2.0"]]\npackage_update: true\nmounts: []\n',
    );
    expect(init).toContain('warn|Failed to install packages: nginx, git (this guest has no package manager)');
    expect(init).toContain('warn|package_update: this guest has no package manager');
  });
});

describe('wrong input', () => {
  it("says invalid YAML in cloud-init's words, and still makes the default user", () => {
    const { init, files } = digest('#cloud-config\nusers:\n  - name: [\npassword: x\n');
    expect(init[0]).toMatch(/^warn\|Failed loading yaml blob\. Invalid format at line \d+ column \d+: ".+"$/);
    expect(init).toContain('user|cloud||Cloud User|/home/cloud|/bin/sh|sudo');
    expect(text(files, 'user-data')).toContain('name: [');
  });

  it('says what is no mapping, no known kind, or a kind that this guest does not read', () => {
    expect(digest('#cloud-config\n- a\n').init[0]).toContain('root types, but got list instead');
    expect(digest('hello there').init[0]).toBe(
      "warn|Unhandled non-multipart (text/x-not-multipart) userdata: 'hello there'",
    );
    expect(digest('#include\nhttp://example.org/x\n').init[0]).toContain('#include');
  });

  it('survives values of the wrong type', () => {
    const wrong =
      '#cloud-config\nusers: 5\nruncmd: {a: b}\nwrite_files: text\nchpasswd: [1]\nssh_authorized_keys: {x: y}\npassword: [a]\n';
    expect(() => digest(wrong)).not.toThrow();
  });
});

describe('network-config', () => {
  it('reads version 2', () => {
    const { network, files } = digest('', {
      networkData: `version: 2
ethernets:
  eth0:
    match: {macaddress: "02:00:00:00:00:AA"}
    addresses: [10.0.0.5/24]
    gateway4: 10.0.0.1
    nameservers: {addresses: [1.1.1.1]}
  eth1: {dhcp4: true}
`,
    });
    expect(network()).toEqual([
      'address|eth0|02:00:00:00:00:aa|10.0.0.5/24',
      'route|eth0|02:00:00:00:00:aa|default|10.0.0.1',
      'nameserver|1.1.1.1',
      'dhcp_on|eth1|',
    ]);
    expect(files.has('network-config')).toBe(true);
  });

  it('reads version 1 with a netmask', () => {
    const networkData = `network:
  version: 1
  config:
    - type: physical
      name: eth0
      subnets: [{type: static, address: 10.0.0.5, netmask: 255.255.255.0, gateway: 10.0.0.1}]
`;
    expect(digest('', { networkData }).network()).toEqual([
      'address|eth0||10.0.0.5/24',
      'route|eth0||default|10.0.0.1',
    ]);
  });

  it('falls back to asking by DHCP when it cannot be read', () => {
    const { init, files } = digest('', { networkData: 'version: 3\n' });
    expect(init[0]).toBe('warn|network-config: version must be 1 or 2');
    expect(text(files, 'portlight.sh')).not.toContain('ci_network');
  });
});
