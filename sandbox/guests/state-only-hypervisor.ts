import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { exists } from './cache-directory';
import type { Availability, CloudInitSeed, Guest, GuestSpec, Hypervisor } from './hypervisor';
import { InstanceFiles, makeSparseFile, safeName } from './instance-files';
import { writeIso } from './iso9660';
import { StateOnlyGuest } from './state-only-guest';

/** About what a copy of a template takes: the states on the way stay visible. */
const START_MS = 800;

/**
 * What stands in where no guest can run: machines are mere state, disks are empty files, and `reason` (whole sentences)
 * is what every console gets to hear. A running machine is remembered by a file, so that it outlives the sandbox's
 * unclean end as a real one does.
 */
export class StateOnlyHypervisor implements Hypervisor {
  readonly #directory: string;
  readonly #reason: string;
  readonly #instances: InstanceFiles;
  readonly #guests = new Map<string, StateOnlyGuest>();

  constructor(directory: string, reason: string) {
    this.#directory = path.join(directory, 'state-only');
    this.#reason = reason;
    this.#instances = new InstanceFiles(path.join(directory, 'instances'));
  }

  availability(): Availability {
    return { available: false, reason: this.#reason };
  }

  async start(spec: GuestSpec): Promise<Guest> {
    await delay(START_MS);
    await mkdir(this.#directory, { recursive: true });
    await writeFile(this.#marker(spec.id), spec.name);
    return this.#keep(spec);
  }

  async adopt(spec: GuestSpec): Promise<Guest | undefined> {
    const runs = await exists(this.#marker(spec.id));
    return runs ? (this.#guests.get(spec.id) ?? this.#keep(spec)) : undefined;
  }

  async makeRootDisk(id: string, volume: string): Promise<string> {
    return makeSparseFile(await this.#instances.path(id, `${volume}.img`), 2 ** 30);
  }

  makeOverlay(id: string, volume: string): Promise<string> {
    return this.makeRootDisk(id, volume);
  }

  async makeSeedDisk(id: string, volume: string, seed: CloudInitSeed): Promise<string> {
    const file = await this.#instances.path(id, `${volume}.user-data`);
    await writeFile(file, seed.userData, { mode: 0o600 });
    return file;
  }

  async makeFilesDisk(
    id: string,
    volume: string,
    label: string,
    files: ReadonlyMap<string, Buffer>,
  ): Promise<string> {
    const file = await this.#instances.path(id, `${volume}.iso`);
    await writeFile(file, writeIso(label, files), { mode: 0o600 });
    return file;
  }

  makeDataDisk(file: string, bytes: number): Promise<string> {
    return makeSparseFile(file, bytes);
  }

  async discard(id: string): Promise<void> {
    await this.#guests.get(id)?.kill();
    await rm(this.#marker(id), { force: true });
    await this.#instances.discard(id);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#guests.values()].map((guest) => guest.kill()));
    await rm(this.#directory, { recursive: true, force: true });
  }

  #marker(id: string): string {
    return path.join(this.#directory, safeName(id));
  }

  #keep(spec: GuestSpec): StateOnlyGuest {
    const guest = new StateOnlyGuest(spec, this.#reason);
    this.#guests.set(spec.id, guest);
    guest.on('exit', () => {
      this.#guests.delete(spec.id);
      void rm(this.#marker(spec.id), { force: true });
    });
    return guest;
  }
}
