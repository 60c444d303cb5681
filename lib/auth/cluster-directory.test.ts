import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClusterSource } from './cluster';
import { ClusterDirectory } from './cluster-directory';
import { plainMethods } from './sign-in-method';

let folder: string;
let logged: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'directory-'));
  mkdirSync(path.join(folder, 'clusters'));
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const kubeconfig = (...names: string[]) =>
  JSON.stringify({
    'current-context': names[0],
    clusters: names.map((name) => ({ name, cluster: { server: `https://${name}` } })),
    users: [{ name: 'dana', user: { token: 'secret' } }],
    contexts: names.map((name) => ({ name, context: { cluster: name, user: 'dana' } })),
  });

const log = (sentence: string) => void logged.push(sentence);
const kinds = (directory: ClusterDirectory) =>
  Object.fromEntries(
    directory.list().map(({ name, methods }) => [name, methods.map(({ kind }) => kind).join()]),
  );

describe('ClusterDirectory of several sources', () => {
  it('merges them, the configuration first, each with its ways to sign in', async () => {
    write('ca.pem', PEM);
    write('clusters/east.yaml', 'server: https://east:6443\n');
    write('clusters/west', kubeconfig('any', 'other'));
    write('clusters/.hidden', '{[');
    const config = write(
      'portlight.yaml',
      `clusters:
- {name: prod, server: "https://prod:6443/", caFile: ca.pem}
- {name: own, server: "https://own", insecureSkipTlsVerify: true, signIn: [{kind: openshift, clientId: a}]}
- {name: file, kubeconfig: kube, context: b}
`,
    );
    const file = write('kube', kubeconfig('a', 'b'));
    const directory = await ClusterDirectory.open(
      [
        { kind: 'kubeconfig', files: [file] },
        { kind: 'folder', directory: path.join(folder, 'clusters') },
      ],
      { config, log },
    );
    expect(kinds(directory)).toEqual({
      prod: 'token',
      own: 'openshift',
      file: 'kubeconfig',
      a: 'kubeconfig',
      b: 'kubeconfig',
      east: 'token',
      west: 'kubeconfig',
    });
    expect(directory.current()).toBe('prod');
    const [prod, own, ofFile] = directory.list();
    expect(prod).toMatchObject({ server: 'https://prod:6443', user: '', insecure: false });
    expect(await prod?.credentials()).toEqual({ headers: {}, tls: { ca: PEM, rejectUnauthorized: true } });
    expect(own?.insecure).toBe(true);
    expect((await own?.credentials())?.tls.rejectUnauthorized).toBe(false);
    expect(ofFile).toMatchObject({ server: 'https://b', user: 'dana' });
  });

  it('gives the common reader to the one cluster where people sign in, and to no two', async () => {
    const file = write('kube', kubeconfig('a'));
    const one = `clusters: [{name: prod, server: "https://prod"}, {name: own, server: "https://own", reader: false}]`;
    const config = write('portlight.yaml', `${one}\nreader: {tokenFile: lister}\n`);
    const source: ClusterSource = { kind: 'kubeconfig', files: [file] };
    const directory = await ClusterDirectory.open([source], { config, log });
    const readers = directory.list().map(({ name, reader }) => [name, reader]);
    expect(Object.fromEntries(readers)).toEqual({
      prod: { tokenFile: path.join(folder, 'lister') },
      own: false,
      // Nobody signs in to it: there is one user.
      a: undefined,
    });
    await expect(
      ClusterDirectory.open([source], { config, signIn: plainMethods(['token']), log }),
    ).rejects.toThrow(
      "The common reader would send one identity's credentials to 2 clusters (prod, a). Give each of them its own.",
    );
  });

  it('lets --sign-in decide for all but those with a list of their own', async () => {
    const config = write(
      'portlight.yaml',
      'clusters:\n- {name: own, server: "https://own", signIn: [{kind: openshift, clientId: a}]}\n- {name: prod, server: "https://prod"}\nsignIn: [{kind: oidc, issuer: "https://id", clientId: a}]\n',
    );
    const sources = [{ kind: 'kubeconfig' as const, files: [write('kube', kubeconfig('a'))] }];
    expect(kinds(await ClusterDirectory.open(sources, { config }))).toEqual({
      own: 'openshift',
      prod: 'oidc',
      a: 'oidc',
    });
    const signIn = plainMethods(['token']);
    expect(kinds(await ClusterDirectory.open(sources, { config, signIn }))).toEqual({
      own: 'openshift',
      prod: 'token',
      a: 'token',
    });
  });

  it('lists a cluster with broken files beside the others, with its problem', async () => {
    write('clusters/broken.yaml', 'servr: https://east\n');
    write('clusters/kube', kubeconfig('a').replace('"contexts":[', '"contexts":[],"was":['));
    const config = write(
      'portlight.yaml',
      'clusters:\n- {name: prod, server: "https://prod", caFile: none.pem}\n- {name: text, server: "https://b", caData: nonsense}\n- {name: context, kubeconfig: kube, context: gone}\n- {name: well, server: "https://well"}\n',
    );
    write('kube', kubeconfig('a'));
    const directory = await ClusterDirectory.open(
      { kind: 'folder', directory: path.join(folder, 'clusters') },
      { config, log },
    );
    expect(logged).toHaveLength(5);
    expect(logged[0]).toMatch(/^The cluster prod cannot be used: .*none.pem/);
    const problems = Object.fromEntries(
      directory.list().map(({ name, problem }) => [name, problem?.replaceAll(folder, '')]),
    );
    expect(problems).toEqual({
      prod: 'The certificate authority of prod in /none.pem cannot be read (ENOENT).',
      text: 'The certificate authority of text in caData is no PEM certificate.',
      context: 'The kubeconfig /kube has no context "gone", only a.',
      well: undefined,
      broken: expect.stringMatching(/^\/clusters\/broken.yaml, line 1: servr is no setting/),
      kube: 'The kubeconfig /clusters/kube names no context with a cluster.',
    });
    await expect((await directory.find('broken'))?.credentials()).rejects.toThrow(
      /Its configuration has a fault/,
    );
    write('none.pem', PEM);
    await expect
      .poll(async () => (await directory.find('prod'))?.problem ?? 'well', { timeout: 4_000 })
      .toBe('well');
  });

  it('lends nobody the rights of the service account that a pod has', async () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.0.0.1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '443');
    const methodsOf = async (options = {}) =>
      (await ClusterDirectory.open({ kind: 'in-cluster' }, options))
        .list()[0]
        ?.methods.map(({ kind }) => kind);
    expect(await methodsOf()).toEqual(['token']);
    expect(await methodsOf({ signIn: plainMethods(['kubeconfig']) })).toEqual(['kubeconfig']);
    vi.unstubAllEnvs();
  });

  it('lends a common service account to one cluster only, and misses it where it is needed', async () => {
    const proxy = '{kind: proxy, trusted: [10.0.0.0/8], userHeader: X-User}';
    const two = '  {name: a, server: "https://a"}, {name: b, server: "https://b"}';
    const own = '{name: b, server: "https://b", impersonation: {tokenFile: b.token}}';
    const open = (yaml: string) =>
      ClusterDirectory.open([], { config: write('portlight.yaml', `${yaml}\nsignIn: [${proxy}]\n`) });
    await expect(open(`clusters: [${two}]\nimpersonation: {}`)).rejects.toThrow(
      /token to 2 clusters \(a, b\). Give each of them its own/,
    );
    const [a, b] = (
      await open(`clusters: [{name: a, server: "https://a"}, ${own}]\nimpersonation: {tokenFile: a.token}`)
    ).list();
    expect(a?.impersonation?.tokenFile).toBe(path.join(folder, 'a.token'));
    expect(b?.impersonation?.tokenFile).toBe(path.join(folder, 'b.token'));
    const [missing] = (await open('clusters: [{name: a, server: "https://a"}]')).list();
    expect(missing?.problem).toBe(
      'The way to sign in proxy impersonates, and a has no impersonation settings.',
    );
  });

  it('refuses two clusters of one name, saying where they stand', async () => {
    write('clusters/a.yaml', 'server: https://east\n');
    const sources = [
      { kind: 'kubeconfig' as const, files: [write('kube', kubeconfig('a'))] },
      { kind: 'folder' as const, directory: path.join(folder, 'clusters') },
    ];
    await expect(ClusterDirectory.open(sources)).rejects.toThrow(
      `A cluster "a" stands in ${folder}/kube and in ${folder}/clusters.`,
    );
    write('clusters/twice.yaml', 'name: twice\nserver: https://east\n');
    write('clusters/twice.json', '{"server": "https://east"}');
    await expect(ClusterDirectory.open(sources.slice(1))).rejects.toThrow(/stands twice in/);
    await expect(ClusterDirectory.open({ kind: 'folder', directory: '/none' })).rejects.toThrow(
      /folder of clusters \/none cannot be read/,
    );
  });

  it('follows its configuration, keeps the old while the new is broken, and says so once', async () => {
    const config = write('portlight.yaml', 'clusters: [{name: a, server: "https://a"}]\n');
    const directory = await ClusterDirectory.open([], { config, log });
    const stop = directory.watch();
    write('portlight.yaml', 'clusters: [{name: a, serverr: "https://b"}]\n');
    await expect.poll(() => logged.length, { timeout: 6_000 }).toBeGreaterThan(0);
    expect(logged[0]).toContain('clusters[0].serverr is no setting');
    expect(logged[0]).toContain('What was configured before stays in use.');
    expect(directory.list().map(({ server }) => server)).toEqual(['https://a']);
    write('portlight.yaml', 'clusters: [{name: c, server: "https://c"}]\nsession: {idleMinutes: 1}\n');
    await expect.poll(() => directory.list().map(({ name }) => name), { timeout: 6_000 }).toEqual(['c']);
    expect(directory.configuration().session.idleMinutes).toBe(1);
    expect(logged).toHaveLength(1);
    stop();
  });

  it('follows files that come and go in a folder', async () => {
    const directory = await ClusterDirectory.open({
      kind: 'folder',
      directory: path.join(folder, 'clusters'),
    });
    expect(directory.list()).toEqual([]);
    write('clusters/new.yaml', 'server: https://new\n');
    await expect.poll(() => directory.find('new'), { timeout: 4_000 }).toBeDefined();
  });
});
