import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Credentials } from './credentials';
import { diskFormat } from './disk-format';
import { extractDisk, NoDiskError } from './disk-in-layers';
import type { ImageDisk } from './image-disk';
import { type CachedDisk, ImageIndex } from './image-index';
import { downloadBlob } from './layers';
import { chooseImage, type ImageManifest, imageBytes, parseManifest } from './manifest';
import { providedDisk } from './provided-disks';
import { fullReference, isLoopback, parseImage } from './reference';
import { networkWords, RegistryClient, RegistryError, Unanswered } from './registry-client';

/** Top-level names that no registry can ever have (RFC 2606). */
const RESERVED_HOST = /(^|\.)(invalid|test|example)(:\d+)?$/;
/** A host that did not answer is not waited for again so soon: twenty machines would wait for it one after another. */
const UNANSWERED_MS = 60_000;
/** What nothing refers to any more is kept so long: it may be wanted again. */
const UNUSED_MS = 24 * 3_600_000;

export interface PullOptions {
  /** Where the disk lies in the image, `/disk` and its only file otherwise (`containerDisk.path`). */
  path?: string;
  /** `Always` asks the registry what the reference means now; what is here already is not transferred again. */
  policy?: 'Always' | 'IfNotPresent' | 'Never';
  /** Tried one after another; without any the registry is asked as anybody. */
  credentials?: readonly Credentials[];
  /** Plain HTTP and any certificate will do. The loopback interface needs no such word. */
  insecure?: boolean;
  /** PEM of who else may have signed the registry's certificate. */
  ca?: string;
  /** Bytes transferred so far, of all that there are. */
  onProgress?: (done: number, total: number) => void;
}

export interface ImageStoreOptions {
  directory: string;
  /** Which registries are asked at all. */
  asked: 'all' | 'loopback';
  /** Registries, by host and port, that are believed without a certificate. */
  insecureHosts?: readonly string[];
  /** References of images that are here without having been pulled. */
  preloaded?: readonly string[];
  /** Disks for the images whose repository's last part has a word: no registry is asked for those. */
  provided?: ReadonlyMap<string, string>;
}

/**
 * Container disks from registries: pulled once, kept by the digest of their image. Owns `directory`, where `layers/`
 * holds what is being transferred and `disks/` the disks.
 */
export class ImageStore {
  readonly #index: ImageIndex;
  readonly #preloaded: ReadonlySet<string>;
  readonly #flights = new Map<string, Promise<ImageDisk>>();
  readonly #listeners = new Map<string, Set<(done: number, total: number) => void>>();
  readonly #fetching = new Map<string, Promise<string>>();
  readonly #silent = new Map<string, { why: string; until: number }>();
  /** Images that are here and have no disk: nothing is transferred to find that out again. */
  readonly #diskless = new Map<string, NoDiskError>();
  readonly #closing = new AbortController();

  constructor(private readonly options: ImageStoreOptions) {
    this.#index = new ImageIndex(options.directory);
    this.#preloaded = new Set((options.preloaded ?? []).map(fullReference));
  }

  /** Ends what is under way: those who wait for it learn that it failed. */
  close(): void {
    this.#closing.abort(new Error('the sandbox is ending'));
  }

  isPreloaded(reference: string): boolean {
    return this.#preloaded.has(fullReference(reference));
  }

  /**
   * The disk of a container disk. Asked for several times at once, an image is pulled once. Never throws for what a
   * registry does; `reference` is as in a container's `image`.
   */
  async diskOf(reference: string, options: PullOptions = {}): Promise<ImageDisk> {
    const { policy = 'IfNotPresent', onProgress } = options;
    const provided = await providedDisk(this.options.provided ?? new Map(), reference);
    if (provided) return provided;
    if (policy !== 'Always') {
      const kept = await this.#kept(reference, options.path);
      if (kept) return kept;
      if (this.isPreloaded(reference)) {
        return { kind: 'unanswered', why: 'the image came with the nodes', preloaded: true };
      }
      const diskless = this.#diskless.get(placeOf(reference, options.path));
      if (diskless) return { kind: 'failed', stage: 'disk', message: diskless.message };
    }
    if (policy === 'Never') {
      const message = `Container image "${reference}" is not present with pull policy of Never`;
      return { kind: 'failed', stage: 'pull', message };
    }
    const who = createHash('sha256').update(
      JSON.stringify([options.credentials, options.ca, options.insecure]),
    );
    const key = [fullReference(reference), options.path ?? '', who.digest('hex')].join(' ');
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    if (onProgress) listeners.add(onProgress);
    const tell = (done: number, total: number) => {
      for (const listener of listeners) listener(done, total);
    };
    const flight =
      this.#flights.get(key) ??
      this.#pull(reference, options, tell).finally(() => {
        this.#flights.delete(key);
        this.#listeners.delete(key);
      });
    this.#flights.set(key, flight);
    return flight;
  }

  /** What a reference means now, without transferring it. Never throws for what a registry does. */
  async digestOf(
    reference: string,
    { credentials, insecure, ca }: Pick<PullOptions, 'credentials' | 'insecure' | 'ca'> = {},
  ): Promise<
    | { kind: 'found'; digest: string }
    | { kind: 'unanswered'; why: string }
    | { kind: 'failed'; message: string }
  > {
    const { host, repository, tag } = parseImage(reference);
    const silence = this.isPreloaded(reference) ? 'the image came with the nodes' : this.#silence(host);
    if (silence) return { kind: 'unanswered', why: silence };
    try {
      const client = await RegistryClient.connect({
        host,
        repository,
        insecure: insecure || this.options.insecureHosts?.includes(host) || false,
        signal: this.#closing.signal,
        ...(credentials?.[0] ? { credentials: credentials[0] } : {}),
        ...(ca ? { ca } : {}),
      });
      try {
        const digest = (await client.resolve(tag)) ?? (await client.manifest(tag)).digest;
        return { kind: 'found', digest };
      } finally {
        await client.close();
      }
    } catch (error) {
      if (error instanceof Unanswered) return { kind: 'unanswered', why: error.message };
      return {
        kind: 'failed',
        message: error instanceof RegistryError ? error.message : networkWords(error),
      };
    }
  }

  /**
   * Removes disks that nothing has used for a day and what interrupted transfers left.
   * @param isUsed whether anything still refers to one of these full references
   */
  async prune(isUsed: (references: readonly string[]) => boolean, now = Date.now()): Promise<void> {
    for (const [name, disk] of this.#index.disks()) {
      const file = this.#file(name);
      if (now - disk.usedAt < UNUSED_MS || isUsed(this.#index.referencesOf(disk.digest))) continue;
      await this.#index.drop(name);
      await rm(file, { force: true });
    }
    const known = new Set(this.#index.disks().map(([name]) => name));
    await removeOld(path.join(this.options.directory, 'disks'), now, (name) => known.has(name));
    await removeOld(path.join(this.options.directory, 'layers'), now, () => false);
  }

  async #pull(
    reference: string,
    options: PullOptions,
    tell: (done: number, total: number) => void,
  ): Promise<ImageDisk> {
    const { host, repository } = parseImage(reference);
    const silence = this.#silence(host);
    if (silence) return (await this.#kept(reference, options.path)) ?? { kind: 'unanswered', why: silence };
    const all = options.credentials?.length ? options.credentials : [undefined];
    let refusal: unknown;
    for (const credentials of all) {
      try {
        const client = await RegistryClient.connect({
          host,
          repository,
          insecure: options.insecure || this.options.insecureHosts?.includes(host) || false,
          signal: this.#closing.signal,
          ...(credentials ? { credentials } : {}),
          ...(options.ca ? { ca: options.ca } : {}),
        });
        try {
          return await this.#pullFrom(client, reference, options, tell);
        } finally {
          await client.close();
        }
      } catch (error) {
        if (error instanceof NoDiskError) {
          this.#diskless.set(placeOf(reference, options.path), error);
          return { kind: 'failed', stage: 'disk', message: error.message };
        }
        if (error instanceof Unanswered) {
          if (!isLoopback(host))
            this.#silent.set(host, { why: error.message, until: Date.now() + UNANSWERED_MS });
          return (await this.#kept(reference, options.path)) ?? { kind: 'unanswered', why: error.message };
        }
        refusal = error;
        const denied = error instanceof RegistryError && (error.status === 401 || error.status === 403);
        if (!denied) break;
      }
    }
    const words = refusal instanceof RegistryError ? refusal.message : networkWords(refusal);
    const message = `failed to pull and unpack image "${reference}": ${words}`;
    return { kind: 'failed', stage: 'pull', message };
  }

  /** Why a host is not even asked. */
  #silence(host: string): string | undefined {
    if (RESERVED_HOST.test(host)) return `${host} did not answer: no such host`;
    if (this.options.asked === 'loopback' && !isLoopback(host)) {
      return `${host} was not asked: only registries on the loopback interface are`;
    }
    const silent = this.#silent.get(host);
    return silent && silent.until > Date.now() ? silent.why : undefined;
  }

  async #pullFrom(
    client: RegistryClient,
    reference: string,
    { path: inside = '' }: PullOptions,
    tell: (done: number, total: number) => void,
  ): Promise<ImageDisk> {
    const { tag } = parseImage(reference);
    const meant = tag.includes(':') ? tag : await client.resolve(tag);
    const known = meant === undefined ? undefined : await this.#present(diskName(meant, inside));
    if (known && meant) {
      await this.#index.add(fullReference(reference), diskName(meant, inside), {
        ...known.disk,
        usedAt: Date.now(),
      });
      return { kind: 'pulled', path: known.file, cached: true, ...found(known.disk) };
    }
    const outer = await client.manifest(meant ?? tag);
    let { digest } = outer;
    let manifest = parseManifest(outer.text);
    let manifestBytes = outer.bytes;
    if ('manifests' in manifest) {
      const choice = chooseImage(manifest);
      if (!choice) throw new RegistryError(`no match for platform in manifest ${digest}: not found`);
      const inner = await client.manifest(choice.digest);
      const parsed = parseManifest(inner.text);
      if ('manifests' in parsed) throw new RegistryError(`unexpected list of images within ${digest}`);
      manifest = parsed;
      manifestBytes += inner.bytes;
    }
    // A list's own digest is what the tag means, and what the next pull is told: it names the disk.
    digest = outer.digest;
    const name = diskName(digest, inside);
    const image = { manifest, bytes: imageBytes(manifest, manifestBytes) };
    const diskless = this.#diskless.get(name);
    if (diskless) throw diskless;
    const file = await this.#once(name, () =>
      this.#transfer(client, name, inside, image.manifest, tell),
    ).catch((error: unknown) => {
      if (error instanceof NoDiskError) this.#diskless.set(name, error);
      throw error;
    });
    const format = await diskFormat(file);
    this.#diskless.delete(placeOf(reference, inside));
    const disk: CachedDisk = { digest, inside, imageBytes: image.bytes, usedAt: Date.now(), ...format };
    await this.#index.add(fullReference(reference), name, disk);
    return { kind: 'pulled', path: file, cached: false, ...found(disk) };
  }

  /** The same image under two names, or for two people, is transferred once. */
  #once(name: string, work: () => Promise<string>): Promise<string> {
    const running = this.#fetching.get(name) ?? work().finally(() => this.#fetching.delete(name));
    this.#fetching.set(name, running);
    return running;
  }

  async #transfer(
    client: RegistryClient,
    name: string,
    inside: string,
    { layers }: ImageManifest,
    tell: (done: number, total: number) => void,
  ): Promise<string> {
    const directory = path.join(this.options.directory, 'layers');
    await mkdir(directory, { recursive: true });
    await mkdir(path.join(this.options.directory, 'disks'), { recursive: true });
    const total = layers.reduce((sum, { size }) => sum + size, 0);
    const files: string[] = [];
    let before = 0;
    for (const layer of layers) {
      // Named after the image as well: another one's transfer must not take the layer away from this one.
      const file = path.join(directory, `${hex(layer.digest)}-${name}`);
      if (!(await stat(file).catch(() => undefined))) {
        await downloadBlob(client, layer, file, (bytes) => tell(before + bytes, total));
      }
      before += layer.size;
      tell(before, total);
      files.push(file);
    }
    const target = this.#file(name);
    const draft = `${target}.new`;
    try {
      await extractDisk(files, inside || undefined, draft).catch((error: unknown) => {
        if (error instanceof NoDiskError) throw error;
        const words = error instanceof Error ? error.message : String(error);
        throw new RegistryError(`failed to extract layer: ${words}`, 400);
      });
      // Before it has its name: what reads other files is no disk.
      await diskFormat(draft);
      await rename(draft, target);
      return target;
    } finally {
      for (const file of [...files, draft]) await rm(file, { force: true });
    }
  }

  async #kept(reference: string, inside = ''): Promise<ImageDisk | undefined> {
    const full = fullReference(reference);
    const digest = this.#index.digestOf(full);
    const present = digest === undefined ? undefined : await this.#present(diskName(digest, inside));
    if (!present) return undefined;
    await this.#index.add(full, diskName(present.disk.digest, inside), {
      ...present.disk,
      usedAt: Date.now(),
    });
    return { kind: 'pulled', path: present.file, cached: true, ...found(present.disk) };
  }

  async #present(name: string): Promise<{ file: string; disk: CachedDisk } | undefined> {
    const disk = this.#index.disk(name);
    const file = this.#file(name);
    return disk && (await stat(file).catch(() => undefined)) ? { file, disk } : undefined;
  }

  #file(name: string): string {
    return path.join(this.options.directory, 'disks', name);
  }
}

/** An image whose disk is looked for in two places has two. */
function diskName(digest: string, inside: string): string {
  return `${hex(digest)}${inside ? `-${createHash('sha256').update(inside).digest('hex').slice(0, 8)}` : ''}.img`;
}

function placeOf(reference: string, inside = ''): string {
  return `${fullReference(reference)} ${inside}`;
}

function hex(digest: string): string {
  return digest.replace(/^sha256:/, '');
}

function found({ digest, format, bytes, imageBytes }: CachedDisk) {
  return { digest, format, bytes, imageBytes };
}

async function removeOld(directory: string, now: number, isKept: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const file = path.join(directory, name);
    const found = isKept(name) ? undefined : await stat(file).catch(() => undefined);
    if (found && now - found.mtimeMs > UNUSED_MS) await rm(file, { force: true });
  }
}
