import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface CachedDisk {
  /** Of the image's manifest. */
  digest: string;
  /** Where in the image it was looked for; empty for `/disk`. */
  inside: string;
  format: 'raw' | 'qcow2';
  /** What a guest sees. */
  bytes: number;
  /** What the image takes as it is transferred. */
  imageBytes: number;
  /** Milliseconds since the epoch. */
  usedAt: number;
}

interface Records {
  /** Full reference → digest of what was pulled by it last. */
  references: Record<string, string>;
  /** File name → disk. */
  disks: Record<string, CachedDisk>;
}

/** What an image store has, kept in one file that is replaced as a whole. */
export class ImageIndex {
  readonly #records: Records;
  readonly #file: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(directory: string) {
    this.#file = path.join(directory, 'index.json');
    this.#records = read(this.#file);
  }

  digestOf(reference: string): string | undefined {
    return this.#records.references[reference];
  }

  disk(name: string): CachedDisk | undefined {
    return this.#records.disks[name];
  }

  disks(): [name: string, disk: CachedDisk][] {
    return Object.entries(this.#records.disks);
  }

  /** The full references that led to an image. */
  referencesOf(digest: string): string[] {
    return Object.entries(this.#records.references).flatMap(([reference, known]) =>
      known === digest ? [reference] : [],
    );
  }

  async add(reference: string, name: string, disk: CachedDisk): Promise<void> {
    this.#records.references[reference] = disk.digest;
    this.#records.disks[name] = disk;
    await this.#save();
  }

  async drop(name: string): Promise<void> {
    const digest = this.#records.disks[name]?.digest;
    delete this.#records.disks[name];
    if (digest !== undefined && !this.disks().some(([, disk]) => disk.digest === digest)) {
      for (const reference of this.referencesOf(digest)) delete this.#records.references[reference];
    }
    await this.#save();
  }

  #save(): Promise<void> {
    const text = JSON.stringify(this.#records, null, 1);
    const write = async () => {
      await mkdir(path.dirname(this.#file), { recursive: true });
      await writeFile(`${this.#file}.new`, text);
      await rename(`${this.#file}.new`, this.#file);
    };
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}

function read(file: string): Records {
  try {
    // Written by `save` above.
    const { references = {}, disks = {} } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Records>;
    return { references, disks };
  } catch {
    return { references: {}, disks: {} };
  }
}
