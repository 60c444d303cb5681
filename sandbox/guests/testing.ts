import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Guest, GuestSpec, Hypervisor } from './hypervisor';

/** How long a guest may take for one step on a loaded machine under emulation. */
export const STEP_MS = 90_000;

/** A VM with a root disk, a NoCloud volume with `userData` and a network card; `number` keeps addresses apart. */
export async function makeSpec(
  hypervisor: Hypervisor,
  number: number,
  userData: string,
  size = { memoryMiB: 256, vcpus: 1 },
): Promise<GuestSpec> {
  const id = randomUUID();
  const name = `guest-${number}`;
  const seed = { instanceId: id, hostname: name, userData, defaultUser: 'fedora' };
  return {
    id,
    name,
    ...size,
    firmwareUuid: randomUUID(),
    disks: [
      {
        name: 'containerdisk',
        path: await hypervisor.makeRootDisk(id, 'containerdisk'),
        role: 'root',
        readOnly: false,
      },
      {
        name: 'cloudinitdisk',
        path: await hypervisor.makeSeedDisk(id, 'cloudinitdisk', seed),
        role: 'seed',
        readOnly: true,
      },
    ],
    nics: [
      {
        name: 'default',
        mac: `02:00:00:00:01:${String(number).padStart(2, '0')}`,
        address: `10.244.1.${number}`,
      },
    ],
    startPaused: false,
  };
}

/** A person at the serial line: types, and waits for what the guest prints. */
export class Typist {
  readonly #line;
  #seen = '';
  #mark = 0;

  constructor(guest: Pick<Guest, 'openSerial'>, options = { history: true }) {
    this.#line = guest.openSerial(options);
    this.#line.on('data', (chunk: Buffer) => {
      this.#seen += chunk.toString();
    });
    this.#line.on('error', () => {});
  }

  /** Waits for `pattern` in what came since the last wait. @throws with the end of it after STEP_MS. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = Date.now() + STEP_MS;
    for (;;) {
      const match = pattern.exec(this.#seen.slice(this.#mark));
      if (match) {
        this.#mark += match.index + match[0].length;
        return match;
      }
      if (Date.now() > deadline) {
        throw new Error(
          `${pattern} did not come; the guest printed: ${JSON.stringify(this.#seen.slice(-600))}`,
        );
      }
      await delay(20);
    }
  }

  type(text: string): void {
    this.#line.write(text);
  }

  async login(user: string, password: string): Promise<void> {
    // cloud-init may print its last lines right behind the prompt.
    await this.until(/ login: /);
    this.type(`${user}\n`);
    await this.until(/Password: /);
    this.type(`${password}\n`);
    await this.until(/\[\w+@[\w-]+ [^\]]*\][$#] /);
  }

  /** Runs a shell command and returns what it printed. */
  async run(command: string): Promise<string> {
    // What was typed comes back first, broken at the terminal's width, with the words in quotes; then the answer.
    this.type(`echo "BE""GIN"; ${command}; echo "EN""D"\n`);
    const [, printed = ''] = await this.until(/BEGIN\r\n([\s\S]*?)END\r\n/);
    return printed.replaceAll('\r', '').trim();
  }
}
