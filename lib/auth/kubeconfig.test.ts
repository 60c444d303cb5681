import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterDirectory } from './cluster-directory';
import { readKubeconfig } from './kubeconfig';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const config = (server: string, token: string, extra = '') => `
apiVersion: v1
kind: Config
current-context: lab
clusters:
- {name: lab, cluster: {server: "${server}", certificate-authority-data: ${btoa('ca')}${extra}}}
users:
- {name: dana, user: {token: ${token}}}
- {name: vic, user: {username: vic, password: secret}}
- {name: plug, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: "false"}}}
contexts:
- {name: lab, context: {cluster: lab, user: dana}}
- {name: lab-vic, context: {cluster: lab, user: vic}}
- {name: lab-plug, context: {cluster: lab, user: plug}}
- {name: lab-nobody, context: {cluster: lab}}
- {name: broken, context: {cluster: missing, user: dana}}
`;

describe('readKubeconfig', () => {
  it('makes a cluster of every context that has one', async () => {
    const { clusters, current } = await readKubeconfig([write('a', config('https://lab:6443/', 'one'))]);
    expect(clusters.map((it) => it.name).toSorted()).toEqual(['lab', 'lab-nobody', 'lab-plug', 'lab-vic']);
    expect(current).toBe('lab');
    expect(clusters.find((it) => it.name === 'lab')?.server).toBe('https://lab:6443');
  });

  it('gives each user their own credentials, and the CA even without a user', async () => {
    const { clusters } = await readKubeconfig([write('a', config('https://lab:6443', 'one'))]);
    const of = async (name: string) => clusters.find((it) => it.name === name)?.credentials();
    expect(await of('lab')).toEqual({
      headers: { Authorization: 'Bearer one' },
      tls: { ca: Buffer.from('ca'), rejectUnauthorized: true },
    });
    expect((await of('lab-vic'))?.headers).toEqual({ Authorization: `Basic ${btoa('vic:secret')}` });
    expect(await of('lab-nobody')).toEqual({
      headers: {},
      tls: { ca: Buffer.from('ca'), rejectUnauthorized: true },
    });
  });

  it('says which context has no credentials when its plugin fails', async () => {
    const { clusters } = await readKubeconfig([write('a', config('https://lab:6443', 'one'))]);
    await expect(clusters.find((it) => it.name === 'lab-plug')?.credentials()).rejects.toThrow(
      /The credentials of context lab-plug cannot be had/,
    );
  });

  it('skips the certificate check only where the file says so, and shows it', async () => {
    const { clusters } = await readKubeconfig([
      write('a', config('https://lab:6443', 'one', ', insecure-skip-tls-verify: true')),
    ]);
    expect(clusters[0]?.insecure).toBe(true);
    expect((await clusters[0]?.credentials())?.tls.rejectUnauthorized).toBe(false);
  });

  it('takes plain HTTP servers', async () => {
    const { clusters } = await readKubeconfig([write('a', config('http://127.0.0.1:8001', 'one'))]);
    expect(clusters[0]?.insecure).toBe(false);
    expect((await clusters[0]?.credentials())?.headers).toEqual({ Authorization: 'Bearer one' });
  });

  it('lets the first of several files win', async () => {
    const files = [
      write('a', config('https://first', 'one')),
      write('b', config('https://second', 'two').replaceAll('lab-vic', 'other')),
    ];
    const { clusters } = await readKubeconfig(files);
    expect(clusters.find((it) => it.name === 'lab')?.server).toBe('https://first');
    expect(clusters.some((it) => it.name === 'other')).toBe(true);
  });

  it.each([
    ['a missing file', () => path.join(folder, 'none'), /cannot be read/],
    ['broken YAML', () => write('x', '{['), /is not valid/],
    ['an empty file', () => write('x', ''), /is not valid/],
    ['no context', () => write('x', 'apiVersion: v1\nkind: Config\n'), /names no context/],
  ])('refuses %s in a sentence', async (_, file, message) => {
    await expect(readKubeconfig([file()])).rejects.toThrow(message);
  });
});

describe('ClusterDirectory', () => {
  it('waits for the file of a sandbox and follows its changes', async () => {
    const file = path.join(folder, 'sandbox');
    const directory = await ClusterDirectory.open({ kind: 'sandbox', file });
    expect(await directory.find('lab')).toBeUndefined();
    writeFileSync(file, config('https://127.0.0.1:1', 'one'));
    await expect.poll(() => directory.find('lab'), { timeout: 3_000 }).toBeDefined();
    writeFileSync(file, config('https://127.0.0.1:22', 'two'));
    await expect
      .poll(async () => (await directory.find('lab'))?.server, { timeout: 3_000 })
      .toBe('https://127.0.0.1:22');
  });

  it('reads a changed file at once after a 401, and keeps what it knew while the file is broken', async () => {
    const file = write('a', config('https://one', 'one'));
    const directory = await ClusterDirectory.open({ kind: 'kubeconfig', files: [file] });
    const cluster = await directory.find('lab');
    expect(cluster).toBeDefined();
    if (!cluster) return;
    writeFileSync(file, '{[');
    expect((await directory.renew(cluster))?.server).toBe('https://one');
    writeFileSync(file, config('https://one', 'second'));
    const renewed = await directory.renew(cluster);
    expect((await renewed?.credentials())?.headers.Authorization).toBe('Bearer second');
  });
});
