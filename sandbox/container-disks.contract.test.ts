import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, makeTar, REGISTRY_USER, TestRegistry } from './registry/testing';
import { TestSandbox, testVm } from './testing';

const NAMESPACE = 'disks';
let plain: TestRegistry;
let guarded: TestRegistry;
let sandbox: TestSandbox;

const layer = (text: string) =>
  gzipSync(
    makeTar([
      { path: 'disk/', type: '5' },
      { path: 'disk/disk.img', bytes: Buffer.alloc(2 ** 20, text) },
    ]),
  );

beforeAll(async () => {
  [plain, guarded, sandbox] = await Promise.all([
    TestRegistry.start(),
    TestRegistry.start({ auth: true }),
    TestSandbox.start(),
  ]);
  await sandbox.createNamespace(NAMESPACE);
});

afterAll(async () => {
  await Promise.all([plain?.close(), guarded?.close(), sandbox?.close()]);
});

function vmOf(name: string, image: string, more: object = {}) {
  return testVm(name, 'Always', (spec) => {
    spec.volumes = [{ name: 'root', containerDisk: { image, ...more } }];
  });
}

/** `reason: message` of what happened to an object, oldest first. */
async function eventsOf(kind: string, name: string): Promise<string[]> {
  const { body } = await sandbox.ask('GET', `/api/v1/namespaces/${NAMESPACE}/events`);
  return body.items
    .filter(
      ({ involvedObject }: { involvedObject: { kind: string; name: string } }) =>
        involvedObject.kind === kind && involvedObject.name.startsWith(name),
    )
    .map(({ reason, message }: { reason: string; message: string }) => `${reason}: ${message}`);
}

async function untilEvent(kind: string, name: string, part: string): Promise<string> {
  let found: string | undefined;
  await sandbox.until(
    async () => {
      found = (await eventsOf(kind, name)).find((line) => line.includes(part));
      return sandbox.vmi(NAMESPACE, name);
    },
    () => found !== undefined,
    `${name} has the event ${part}`,
  );
  return found ?? '';
}

describe('a container disk', () => {
  it('is pulled with its image once, and the node says so', async () => {
    await plain.push('lab/disk', '1', [layer('one')]);
    const image = `${plain.host}/lab/disk:1`;
    await sandbox.createVm(vmOf('first', image), NAMESPACE);
    await sandbox.untilStatus(NAMESPACE, 'first', 'Running');
    const events = await eventsOf('Pod', 'virt-launcher-first');
    expect(events).toContain(`Pulling: Pulling image "${image}"`);
    const pulled = await untilEvent('Pod', 'virt-launcher-first', `Successfully pulled image "${image}"`);
    expect(pulled).toMatch(/ in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: \d+ bytes\.$/);
    const { body } = await sandbox.ask('GET', '/api/v1/nodes');
    const images = body.items.flatMap(
      ({ status }: { status: { images: { names: string[] }[] } }) => status.images,
    );
    expect(images).toContainEqual({
      names: [expect.stringMatching(/^127[\d.:]+\/lab\/disk@sha256:\w{64}$/), image],
      sizeBytes: expect.any(Number),
    });
    expect(await eventsOf('VirtualMachineInstance', 'first')).not.toContainEqual(
      expect.stringContaining('BuiltInGuest'),
    );

    const asked = plain.accessLog().length;
    await sandbox.createVm(vmOf('second', image), NAMESPACE);
    await sandbox.untilStatus(NAMESPACE, 'second', 'Running');
    expect(plain.accessLog()).toHaveLength(asked);
    // What belongs to an instance ends with it; the image stays.
    const instances = path.join(sandbox.directory, 'instances');
    expect(await readdir(instances)).toHaveLength(2);
    await sandbox.deleteVm(NAMESPACE, 'second');
    await expect.poll(() => readdir(instances), { timeout: 20_000 }).toHaveLength(1);
    expect(await readdir(path.join(sandbox.directory, 'images/disks'))).toHaveLength(1);
  });

  it('is asked for anew with the policy Always, and never with Never', async () => {
    await plain.push('lab/moving', '1', [layer('old')]);
    const image = `${plain.host}/lab/moving:1`;
    await sandbox.createVm(vmOf('moving-a', image, { imagePullPolicy: 'Always' }), NAMESPACE);
    await sandbox.untilStatus(NAMESPACE, 'moving-a', 'Running');
    await plain.push('lab/moving', '1', [layer('new')]);
    await sandbox.createVm(vmOf('moving-b', image, { imagePullPolicy: 'Always' }), NAMESPACE);
    await sandbox.untilStatus(NAMESPACE, 'moving-b', 'Running');
    expect(plain.accessLog().filter((line) => line.includes('lab/moving/blobs'))).toHaveLength(2);

    const other = `${plain.host}/lab/never:1`;
    await sandbox.createVm(vmOf('never', other, { imagePullPolicy: 'Never' }), NAMESPACE);
    await untilEvent('Pod', 'virt-launcher-never', 'ErrImageNeverPull');
    expect(plain.accessLog().filter((line) => line.includes('lab/never'))).toEqual([]);
  });

  it('waits while its registry refuses it, and comes with the right secret', async () => {
    await guarded.push('lab/private', '1', [layer('private')]);
    const image = `${guarded.host}/lab/private:1`;
    const secret = (password: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'pull' },
      type: 'kubernetes.io/dockerconfigjson',
      data: {
        '.dockerconfigjson': Buffer.from(
          JSON.stringify({ auths: { [guarded.host]: { username: REGISTRY_USER.username, password } } }),
        ).toString('base64'),
      },
    });
    const secrets = `/api/v1/namespaces/${NAMESPACE}/secrets`;
    await sandbox.ask('POST', secrets, secret('wrong'));
    await sandbox.createVm(vmOf('private', image, { imagePullSecret: 'pull' }), NAMESPACE);
    const { body } = await sandbox.untilStatus(NAMESPACE, 'private', 'ErrImagePull');
    expect(JSON.stringify(body.status.conditions)).toContain('401 Unauthorized');
    await sandbox.untilStatus(NAMESPACE, 'private', 'ImagePullBackOff');
    expect(JSON.stringify(await eventsOf('Pod', 'virt-launcher-private'))).not.toContain('wrong');
    await sandbox.ask('DELETE', `${secrets}/pull`);
    await sandbox.ask('POST', secrets, secret(REGISTRY_USER.password));
    await sandbox.untilStatus(NAMESPACE, 'private', 'Running');
  });

  it('fails where the image has no disk in it, as virt-handler finds out', async () => {
    await plain.push('lab/empty', '1', [gzipSync(makeTar([{ path: 'disk/', type: '5' }]))]);
    await sandbox.createVm(vmOf('empty', `${plain.host}/lab/empty:1`), NAMESPACE);
    const failed = await untilEvent('VirtualMachineInstance', 'empty', 'SyncFailed');
    expect(failed).toContain('no file found in folder /disk, no disk present');
  });

  it('is the built-in guest where nobody answers, which an event says; images of the nodes need none', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const image = `${host}/lab/fedora:1`;
    await sandbox.createVm(vmOf('standin', image), NAMESPACE);
    await sandbox.untilStatus(NAMESPACE, 'standin', 'Running');
    expect(await untilEvent('VirtualMachineInstance', 'standin', 'BuiltInGuest')).toBe(
      `BuiltInGuest: ${host} did not answer: connection refused. The built-in guest runs in place of the image ${image}.`,
    );
    await sandbox.createVm(vmOf('preloaded', 'quay.io/containerdisks/fedora:42'), NAMESPACE);
    await sandbox.untilStatus(NAMESPACE, 'preloaded', 'Running');
    expect(await eventsOf('VirtualMachineInstance', 'preloaded')).not.toContainEqual(
      expect.stringContaining('BuiltInGuest'),
    );
    expect(await eventsOf('Pod', 'virt-launcher-preloaded')).not.toContainEqual(
      expect.stringContaining('Pulling image "quay.io/containerdisks'),
    );
  });
});
