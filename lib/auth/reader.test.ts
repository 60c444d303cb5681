import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { type Cluster, CredentialsError } from './cluster';
import { isReadersRequest, NotForReader, Reader } from './reader';
import { plainMethods } from './sign-in-method';
import type { Viewer } from './viewer';

const VMS = '/apis/kubevirt.io/v1/virtualmachines';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'reader-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const cluster: Cluster = {
  name: 'prod',
  server: 'https://api.prod.example:6443',
  user: '',
  insecure: false,
  methods: plainMethods(['token']),
  trust: () => ({ ca: 'the cluster’s own', rejectUnauthorized: true }),
  credentials: () => Promise.reject(new Error('not of a reader')),
  forget: () => undefined,
};

const kubeconfig = (server: string) =>
  write(
    'kubeconfig',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'lister',
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: { token: 'of-the-context' } }],
      contexts: [{ name: 'lister', context: { cluster: 'c', user: 'u' } }],
    }),
  );

describe('what the reader may be used for', () => {
  it.each([
    VMS,
    `${VMS}?limit=500&continue=abc`,
    `${VMS}?watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=150`,
    '/apis/kubevirt.io/v1/namespaces/team-a/virtualmachineinstances?limit=500',
    '/apis/metrics.k8s.io/v1beta1/pods?labelSelector=kubevirt.io%3Dvirt-launcher',
  ])('lists and watches %s', (where) => {
    expect(isReadersRequest('GET', where)).toBe(true);
  });

  it.each([
    // One object, by its name or by a selector.
    `${VMS.replace('virtualmachines', 'namespaces/a/virtualmachines/web')}`,
    `${VMS}?fieldSelector=metadata.name%3Dweb`,
    // Actions, consoles and what else lies below.
    '/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/web/vnc',
    '/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachines/web/start',
    '/apis/kubevirt.io/v1/namespaces/a/virtualmachines/web/status',
    // Other resources, in every disguise.
    '/api/v1/secrets',
    '/api/v1/pods',
    '/api/v1/namespaces',
    '/apis/kubevirt.io/v1/kubevirts',
    '/apis/kubevirt.io/v1/virtualmachinesx',
    '/apis/kubevirt.io/v1/watch/virtualmachines',
    '/apis/kubevirt.io/v1/proxy/virtualmachines',
    '/apis/kubevirt.io/v1/namespaces/../virtualmachines',
    '/apis/kubevirt.io/v1/namespaces/%2e%2e/virtualmachines',
    '/apis/kubevirt.io/v1/namespaces/a%2Fb/virtualmachines',
    '/apis/kubevirt.io/v1/namespaces/A/virtualmachines',
    `/${VMS}`,
    `${VMS}/`,
    `${VMS}#`,
    `${VMS}?as=admin`,
    `${VMS}\n`,
    `https://elsewhere.example${VMS}`,
    '',
  ])('never asks %j', (where) => {
    expect(isReadersRequest('GET', where)).toBe(false);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'get', ''])('never sends %j', (method) => {
    expect(isReadersRequest(method, VMS)).toBe(false);
  });
});

describe('Reader', () => {
  it('gives credentials for a list, and none for anything else', async () => {
    const tokenFile = write('token', 'first\n');
    const reader = new Reader(cluster, { tokenFile });
    expect(await reader.credentialsFor('GET', VMS)).toEqual({
      headers: { Authorization: 'Bearer first' },
      tls: { ca: 'the cluster’s own', rejectUnauthorized: true },
    });
    await expect(reader.credentialsFor('POST', VMS)).rejects.toThrow(NotForReader);
    await expect(reader.credentialsFor('GET', '/api/v1/secrets')).rejects.toThrow(NotForReader);
    const refused = await reader.credentialsFor('GET', VMS);
    expect(await reader.renew(refused, 'GET', VMS)).toBe(false);
    write('token', 'second');
    expect(await reader.renew(refused, 'GET', VMS)).toBe(true);
  });

  it('is no viewer to the compiler, and shows no secret when it is printed', () => {
    expectTypeOf<Reader>().not.toExtend<Viewer>();
    expectTypeOf<Reader>().not.toHaveProperty('credentials');
    const reader = new Reader(cluster, { tokenFile: '/somewhere/secret-place' });
    expect(JSON.stringify(reader)).not.toContain('secret-place');
    expect(Object.keys(reader)).toEqual(['cluster']);
  });

  it('takes the context of a kubeconfig, and the trust of the cluster', async () => {
    const reader = new Reader(cluster, { kubeconfig: kubeconfig(cluster.server) });
    expect(await reader.credentialsFor('GET', VMS)).toEqual({
      headers: { Authorization: 'Bearer of-the-context' },
      tls: { ca: 'the cluster’s own', rejectUnauthorized: true },
    });
  });

  it('refuses a context of another API server, whose rows would be another cluster’s', async () => {
    const reader = new Reader(cluster, { kubeconfig: kubeconfig('https://other.example') });
    await expect(reader.credentialsFor('GET', VMS)).rejects.toThrow(
      /^The reader's context lister in .* is of https:\/\/other.example, not of https:\/\/api.prod.example:6443\.$/,
    );
  });

  it.each([
    ['is missing', { tokenFile: '/nowhere/token' }, /cannot be read \(ENOENT\)/],
    ['has no context', { kubeconfig: '/nowhere/kubeconfig' }, /cannot be read/],
  ])('says what is wrong when its file %s', async (_, settings, words) => {
    const reader = new Reader(cluster, settings);
    const failure = await reader.credentialsFor('GET', VMS).catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(CredentialsError);
    expect(String(failure)).toMatch(words);
  });
});
