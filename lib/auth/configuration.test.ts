import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readClusterEntry, readConfiguration } from './configuration';
import { readSecret } from './secret';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'configuration-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(text: string, name = 'portlight.yaml'): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** What is wrong with a configuration, without the file's name in front of each line. */
function problemsOf(text: string): string[] {
  const file = write(text);
  try {
    readConfiguration(file);
  } catch (cause) {
    return (cause as Error).message.split('\n').map((line) => line.replaceAll(file, 'FILE'));
  }
  return [];
}

describe('readConfiguration', () => {
  it('reads everything, with defaults, ids and absolute paths', () => {
    const file = write(`
clusters:
  - name: prod
    server: https://api.prod.example:6443
    caFile: prod-ca.pem
    signIn:
      - {kind: token}
      - {kind: oidc, issuer: 'https://id.example', clientId: vms, clientSecretFile: secrets/oidc, extraParams: {hintFile: x}}
      - {kind: oidc, issuer: 'http://127.0.0.1:9', clientId: vms, id: staff, label: Staff}
      - {kind: oidc, issuer: 'https://other.example', clientId: vms}
  - name: lab
    kubeconfig: ../lab
    context: admin
signIn: [{kind: proxy, trusted: [10.0.0.0/8, '::1/128']}]
session: {idleMinutes: 5, keysFile: /keys}
publicUrl: https://VMs.example.org/
`);
    const { clusters, signIn, session, publicUrl } = readConfiguration(file);
    expect(clusters?.[0]).toMatchObject({
      caFile: path.join(folder, 'prod-ca.pem'),
      insecureSkipTlsVerify: false,
      signIn: [
        { kind: 'token', id: 'token' },
        {
          id: 'oidc',
          scopes: ['openid', 'profile', 'email', 'offline_access'],
          token: 'id_token',
          clientSecretFile: path.join(folder, 'secrets/oidc'),
          extraParams: { hintFile: 'x' },
        },
        { id: 'staff', label: 'Staff' },
        { id: 'oidc-2' },
      ],
    });
    expect(clusters?.[1]).toMatchObject({ kubeconfig: path.resolve(folder, '../lab'), context: 'admin' });
    expect(signIn).toEqual([
      { kind: 'proxy', id: 'proxy', header: 'Authorization', trusted: ['10.0.0.0/8', '::1/128'] },
    ]);
    expect(session).toEqual({ idleMinutes: 5, absoluteHours: 12, keysFile: '/keys' });
    expect(publicUrl).toBe('https://vms.example.org');
  });

  it('reads whose credentials feed the lists that viewers share', () => {
    const file = write(`
clusters:
  - {name: a, server: 'https://a', reader: {tokenFile: lister}}
  - {name: b, server: 'https://b', reader: {serviceAccount: true}}
  - {name: c, server: 'https://c', reader: {kubeconfig: lister.kubeconfig, context: x}}
  - {name: d, server: 'https://d', reader: false}
reader: false
`);
    const { clusters, reader } = readConfiguration(file);
    expect(clusters?.map((entry) => entry.reader)).toEqual([
      { tokenFile: path.join(folder, 'lister') },
      { serviceAccount: true },
      { kubeconfig: path.join(folder, 'lister.kubeconfig'), context: 'x' },
      false,
    ]);
    expect(reader).toBe(false);
  });

  it('takes an empty file for one that says nothing', () => {
    expect(readConfiguration(write('# nothing yet\n'))).toEqual({
      session: { idleMinutes: 60, absoluteHours: 12 },
    });
  });

  it.each([
    [
      'clusters:\n  - name: a\n    serverr: https://a\n',
      [
        'FILE, line 3: clusters[0].serverr is no setting. docs/configuration.md lists them all.',
        'FILE, line 2: clusters[0].server is missing: say server, or kubeconfig.',
      ],
    ],
    [
      'signIn:\n  - kind: proxy\n    trusted: [10.0.0.0/8]\n    userHeader: Cookie\n',
      ["FILE, line 4: signIn[0].userHeader must be the name of a header that is not HTTP's own."],
    ],
    [
      'impersonation:\n  allowSystem: [admin]\n',
      ['FILE, line 2: impersonation.allowSystem[0] must be a name that begins with system:.'],
    ],
    [
      'signIn:\n  - kind: oidc\n    clientId: a\n',
      ['FILE, line 2: signIn[0].issuer is missing; it must be an https:// address.'],
    ],
    [
      'signIn:\n  - kind: oidc\n    clientId: a\n    issuer: http://id.example\n',
      ['FILE, line 4: signIn[0].issuer must be an https:// address.'],
    ],
    [
      'signIn:\n- {kind: ldap}\n',
      ['FILE, line 2: signIn[0].kind must be kubeconfig, token, oidc, openshift or proxy.'],
    ],
    ['signIn: []\n', ['FILE, line 1: signIn must be a list with at least one sign-in method.']],
    [
      'signIn:\n- {kind: token}\n- {kind: token, id: a}\n- {kind: token, id: a}\n',
      ['FILE, line 1: signIn must be a list without two methods of the id "a".'],
    ],
    [
      'signIn:\n- kind: openshift\n  clientId: a\n  clientSecret: hunter2\n',
      [
        'FILE, line 4: signIn[0].clientSecret would be a secret, and secrets never stand in this file. Name the file that holds it, as in clientSecretFile.',
      ],
    ],
    [
      'signIn:\n- {kind: proxy, trusted: [everybody]}\n',
      ['FILE, line 2: signIn[0].trusted[0] must be an address range such as 10.0.0.0/8.'],
    ],
    [
      'clusters:\n- {name: a, server: "http://a:6443"}\n',
      ['FILE, line 2: clusters[0].server must be the https:// address of an API server.'],
    ],
    [
      'clusters:\n- name: a\n  kubeconfig: x\n  insecureSkipTlsVerify: true\n',
      ['FILE, line 4: clusters[0].insecureSkipTlsVerify cannot stand beside kubeconfig, which has its own.'],
    ],
    [
      'clusters:\n- {name: a, server: "https://a"}\n- {name: a, server: "https://b"}\n',
      ['FILE: two clusters are called "a". Every name may stand once.'],
    ],
    ['session: {idleMinutes: soon}\n', ['FILE, line 1: session.idleMinutes must be a number of minutes.']],
    [
      'publicUrl: https://a.example/console\n',
      ['FILE, line 1: publicUrl must be the https:// address of the console, without a path.'],
    ],
    ['- a\n', ['FILE: The file must be settings.']],
    [
      'reader: {token: abc}\n',
      [
        'FILE, line 1: reader.token would be a secret, and secrets never stand in this file. Name the file that holds it, as in tokenFile.',
        'FILE, line 1: reader says one of tokenFile, serviceAccount: true and kubeconfig, and no more.',
      ],
    ],
    [
      'reader: {tokenFile: a, kubeconfig: b, context: c}\n',
      ['FILE, line 1: reader says one of tokenFile, serviceAccount: true and kubeconfig, and no more.'],
    ],
    [
      'reader: {serviceAccount: true, context: c}\n',
      ['FILE, line 1: reader has context, which needs kubeconfig beside it.'],
    ],
    ['reader: {serviceAccount: sa}\n', ['FILE, line 1: reader.serviceAccount must be true.']],
    [
      'reader: true\n',
      ['FILE, line 1: reader must be false, or one of tokenFile, serviceAccount: true and kubeconfig.'],
    ],
  ])('says what is wrong with %j', (text, sentences) => {
    expect(problemsOf(text)).toEqual(sentences);
  });

  it('says where the YAML breaks, and that a file is not there', () => {
    expect(problemsOf('a:\n  - b\n c: {\n')[0]).toMatch(/^FILE, line \d: this is not YAML\. /);
    expect(() => readConfiguration(path.join(folder, 'none'))).toThrow(/cannot be read \(ENOENT\)/);
  });

  it('never repeats a value that may be a secret', () => {
    expect(problemsOf('signIn: [{kind: token, token: hunter2}]\n').join()).not.toContain('hunter2');
  });
});

describe('readClusterEntry', () => {
  it('calls a cluster like its file unless it says another name', () => {
    expect(readClusterEntry(write('server: https://a\n', 'prod.yaml')).name).toBe('prod');
    expect(readClusterEntry(write('{name: b, server: "https://a"}\n', 'prod.yaml')).name).toBe('b');
  });
});

describe('readSecret', () => {
  it('reads a file or the environment, and names the place when there is nothing', () => {
    expect(readSecret({ clientSecretFile: write('hush\n', 'secret') })).toBe('hush');
    expect(readSecret({ clientSecretEnv: 'PATH' })).toBe(process.env.PATH);
    expect(readSecret({})).toBeUndefined();
    expect(() => readSecret({ clientSecretFile: write('\n', 'empty') })).toThrow(/is empty/);
    expect(() => readSecret({ clientSecretFile: path.join(folder, 'none') })).toThrow(/none cannot be read/);
    expect(() => readSecret({ clientSecretEnv: 'PORTLIGHT_NO_SUCH' })).toThrow(/has no PORTLIGHT_NO_SUCH/);
  });
});
