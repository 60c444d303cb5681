import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { request } from 'undici';
import type { Descriptor } from './manifest';

const run = promisify(execFile);
const PROJECT = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
const PACKAGES = path.join(PROJECT, '.cache/packages');

export const REGISTRY_USER = { username: 'puller', password: 'correct horse' };
/** bcrypt of the password above, the only hash that the registry reads. */
const HTPASSWD = 'puller:$2b$04$8ed8XSugf5htacAu/Q3hvubqKpWLp2BevknzL/Ky0flus96GDeXE.\n';
const START_MS = 20_000;
const OCI = 'application/vnd.oci.image';
const DOCKER = 'application/vnd.docker.distribution';

export interface PushedImage {
  digest: string;
  size: number;
  mediaType: string;
}

/** Debian's docker-registry on the loopback interface, with a storage of its own. */
export class TestRegistry {
  private log = '';

  private constructor(
    /** host:port */
    readonly host: string,
    private readonly directory: string,
    private readonly child: ChildProcess,
    private readonly authorization: string | undefined,
  ) {
    const take = (chunk: Buffer) => {
      this.log += chunk.toString();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
  }

  static async start({ auth = false } = {}): Promise<TestRegistry> {
    // The same step as `npm test` takes.
    await run(process.execPath, [path.join(PROJECT, 'tools/test-packages.mjs')]);
    const directory = await mkdtemp(path.join(tmpdir(), 'portlight-registry-'));
    const host = `127.0.0.1:${await freePort()}`;
    await writeFile(path.join(directory, 'htpasswd'), HTPASSWD);
    const config = {
      version: '0.1',
      log: { level: 'warn', accesslog: { disabled: false } },
      storage: { filesystem: { rootdirectory: path.join(directory, 'storage') } },
      http: { addr: host },
      ...(auth ? { auth: { htpasswd: { realm: 'disks', path: path.join(directory, 'htpasswd') } } } : {}),
    };
    const file = path.join(directory, 'config.yml');
    // JSON is YAML.
    await writeFile(file, JSON.stringify(config));
    const child = spawn(path.join(PACKAGES, 'usr/bin/docker-registry'), ['serve', file], {
      env: { ...process.env, LD_LIBRARY_PATH: path.join(PACKAGES, 'usr/lib/x86_64-linux-gnu') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { username, password } = REGISTRY_USER;
    const authorization = auth
      ? `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
      : undefined;
    const registry = new TestRegistry(host, directory, child, authorization);
    await registry.answers();
    return registry;
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Requests so far that asked for something below /v2/: `GET /v2/disks/a/blobs/sha256:…`. */
  accessLog(): string[] {
    return [...this.log.matchAll(/"((?:GET|HEAD) \/v2\/\S+) HTTP/g)].map(([, line = '']) => line);
  }

  /** Pushes layers as one image and tags it. */
  async push(
    repository: string,
    tag: string,
    layers: readonly Buffer[],
    { docker = false }: { docker?: boolean } = {},
  ): Promise<PushedImage> {
    const config = Buffer.from(
      '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}',
    );
    const configType = docker ? 'application/vnd.docker.container.image.v1+json' : `${OCI}.config.v1+json`;
    const layerType = docker
      ? 'application/vnd.docker.image.rootfs.diff.tar.gzip'
      : `${OCI}.layer.v1.tar+gzip`;
    const mediaType = docker ? `${DOCKER}.manifest.v2+json` : `${OCI}.manifest.v1+json`;
    const manifest = {
      schemaVersion: 2,
      mediaType,
      config: await this.pushBlob(repository, config, configType),
      layers: await Promise.all(layers.map((layer) => this.pushBlob(repository, layer, layerType))),
    };
    return this.pushManifest(repository, tag, mediaType, manifest);
  }

  /** Tags a list of images that were pushed by their digests. */
  pushList(
    repository: string,
    tag: string,
    images: readonly { image: PushedImage; architecture: string }[],
    { docker = false }: { docker?: boolean } = {},
  ): Promise<PushedImage> {
    const mediaType = docker ? `${DOCKER}.manifest.list.v2+json` : `${OCI}.index.v1+json`;
    const manifests = images.map(({ image, architecture }) => ({
      ...image,
      platform: { architecture, os: 'linux' },
    }));
    return this.pushManifest(repository, tag, mediaType, { schemaVersion: 2, mediaType, manifests });
  }

  /** Where the registry keeps a blob. */
  blobFile(digest: string): string {
    const hex = digest.replace('sha256:', '');
    const blobs = 'storage/docker/registry/v2/blobs/sha256';
    return path.join(this.directory, blobs, hex.slice(0, 2), hex, 'data');
  }

  private async pushBlob(repository: string, bytes: Buffer, mediaType: string): Promise<Descriptor> {
    const digest = sha256(bytes);
    const begun = await this.send('POST', `/v2/${repository}/blobs/uploads/`);
    const place = new URL(String(begun.headers.location), `http://${this.host}`);
    place.searchParams.set('digest', digest);
    await this.send('PUT', place.pathname + place.search, bytes, 'application/octet-stream');
    return { mediaType, digest, size: bytes.length };
  }

  private async pushManifest(repository: string, tag: string, mediaType: string, manifest: object) {
    const bytes = Buffer.from(JSON.stringify(manifest));
    const digest = sha256(bytes);
    await this.send('PUT', `/v2/${repository}/manifests/${tag}`, bytes, mediaType);
    return { digest, size: bytes.length, mediaType };
  }

  private async send(method: 'POST' | 'PUT', where: string, body?: Buffer, type?: string) {
    const answer = await request(`http://${this.host}${where}`, {
      method,
      headers: {
        ...(type ? { 'content-type': type } : {}),
        ...(this.authorization ? { authorization: this.authorization } : {}),
      },
      ...(body ? { body } : {}),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${where}: ${answer.statusCode} ${text}`);
    return answer;
  }

  private async answers(): Promise<void> {
    const deadline = Date.now() + START_MS;
    for (;;) {
      const answer = await request(`http://${this.host}/v2/`).catch(() => undefined);
      await answer?.body.dump();
      if (answer) return;
      if (Date.now() > deadline || this.child.exitCode !== null) throw new Error(`no registry: ${this.log}`);
      await delay(50);
    }
  }
}

export function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}

export interface TarFile {
  path: string;
  bytes?: Buffer;
  /** `0` a file, `5` a directory, `2` a symbolic link, `1` a hard link, `x` a pax header, `L` a long name. */
  type?: string;
  target?: string;
}

/** A tar archive, ustar. */
export function makeTar(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap(({ path: name, bytes = Buffer.alloc(0), type = '0', target = '' }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, 100, 'utf8');
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(target, 157, 100, 'utf8');
    header.write('ustar\x0000', 257, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
