import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOptions } from './options';

const cluster = ['--kubeconfig', 'a'];

describe('readOptions', () => {
  it('takes arguments before the environment, and safe defaults', () => {
    expect(readOptions(cluster, {})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      hosts: { names: [], remote: false },
      allowRemote: false,
      dev: false,
      trustedProxies: [],
      peers: [],
      sources: [{ kind: 'kubeconfig', files: ['a'] }],
      sessionKeys: {},
    });
    const env = { PORT: '4000', HOST: 'localhost', KUBECONFIG: 'b:c', PORTLIGHT_PEERS: 'a:1, b:2' };
    expect(readOptions([], env)).toMatchObject({
      port: 4000,
      host: 'localhost',
      peers: ['a:1', 'b:2'],
      sources: [{ kind: 'kubeconfig', files: ['b', 'c'] }],
    });
    expect(readOptions(['--port', '5000', '--in-cluster'], env)).toMatchObject({
      port: 5000,
      sources: [{ kind: 'in-cluster' }],
    });
  });

  it('notes that it listens beyond loopback, and whether that was asked for', () => {
    const file = { PORTLIGHT_START_TOKEN_FILE: '/run/token' };
    expect(readOptions([...cluster, '--host', '0.0.0.0'], file)).toMatchObject({
      allowRemote: false,
      startTokenFile: '/run/token',
      hosts: { remote: true },
    });
    expect(
      readOptions(
        [...cluster, '--host', '0.0.0.0', '--allow-remote', '--allowed-host', 'Console.Example'],
        {},
      ),
    ).toMatchObject({
      host: '0.0.0.0',
      allowRemote: true,
      hosts: { names: ['console.example', '0.0.0.0'], remote: true },
    });
  });

  it.each([
    [['--port', '70000'], /"70000" is not a port/],
    [['--port', 'http'], /"http" is not a port/],
    [['--what'], /--what/],
    [['--tls-cert', 'a.pem'], /TLS needs two files/],
    [['--tls-key', 'a.pem'], /TLS needs two files/],
    [['--trusted-proxy', '10.0.0.0/40'], /"10.0.0.0\/40" is no address/],
    [['--trusted-proxy', 'proxy.example'], /"proxy.example" is no address/],
  ])('explains %j', (args, message) => {
    expect(() => readOptions([...cluster, ...args], {})).toThrow(message);
  });

  it('merges every source that is named, and takes the configuration as one', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'options-'));
    const file = path.join(folder, 'portlight.yaml');
    writeFileSync(
      file,
      'clusters: [{name: a, server: "https://a:6443"}]\npublicUrl: https://VMs.example.org\n',
    );
    const args = ['--config', file, '--clusters', '/clusters', '--kubeconfig', 'a', '--sign-in', 'token'];
    expect(readOptions(args, {})).toMatchObject({
      config: file,
      sources: [
        { kind: 'kubeconfig', files: ['a'] },
        { kind: 'folder', directory: '/clusters' },
      ],
      signIn: [{ kind: 'token', id: 'token' }],
      hosts: { names: ['vms.example.org'] },
    });
    expect(readOptions([], { PORTLIGHT_CONFIG: file, KUBECONFIG: 'b' }).sources).toEqual([]);
    writeFileSync(file, 'publicUrl: https://vms.example.org\n');
    expect(readOptions(['--config', file], { KUBECONFIG: 'b' }).sources).toEqual([
      { kind: 'kubeconfig', files: ['b'] },
    ]);
    expect(() => readOptions(['--config', file], { HOME: folder })).toThrow(/names no clusters/);
    rmSync(folder, { recursive: true });
  });

  it('takes only kinds without settings as --sign-in', () => {
    expect(() => readOptions([...cluster, '--sign-in', 'oidc'], {})).toThrow(
      /token, not "oidc".*--config FILE/,
    );
  });

  it('takes certificates and trusted proxies from either place', () => {
    const env = {
      PORTLIGHT_TLS_CERT: 'c',
      PORTLIGHT_TLS_KEY: 'k',
      PORTLIGHT_TRUSTED_PROXIES: '10.0.0.0/8, fd00::1',
    };
    expect(readOptions(cluster, env)).toMatchObject({
      tls: { cert: 'c', key: 'k' },
      trustedProxies: ['10.0.0.0/8', 'fd00::1'],
    });
    const args = ['--tls-cert', 'own', '--trusted-proxy', '192.0.2.7'];
    expect(readOptions([...cluster, ...args], env)).toMatchObject({
      tls: { cert: 'own', key: 'k' },
      trustedProxies: ['192.0.2.7', '10.0.0.0/8', 'fd00::1'],
    });
  });

  it('wants to know which cluster', () => {
    expect(() => readOptions([], {})).toThrow(/--kubeconfig/);
  });
});
