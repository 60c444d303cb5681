import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const START_MS = 120_000;

interface KubeConfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { name: string; user: { token?: string } }[];
}

/** A sandbox in a process of its own, so that its memory is its own and a crash is seen. */
export class ClusterProcess {
  private constructor(
    readonly url: string,
    /** PEM */
    readonly ca: string,
    readonly token: string,
    private readonly control: { url: string; token: string },
    private readonly child: ReturnType<typeof fork>,
    readonly directory: string,
  ) {}

  /**
   * `complain` hears what it writes to stderr: a sandbox in order has nothing to say there. Its machines are mere
   * states unless `guests` are wanted; `directory` is one that an earlier process left.
   * @throws Error when it ends or says nothing within two minutes.
   */
  static async start(
    complain: (text: string) => void,
    options: { guests?: boolean; directory?: string } = {},
  ): Promise<ClusterProcess> {
    const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), 'portlight-soak-')));
    const root = projectRoot();
    const child = fork(
      path.join(root, 'tools/run.mjs'),
      ['sandbox/main.ts', '--directory', directory, '--empty', '--control', '--port', '0', '--with-parent'],
      {
        cwd: root,
        execArgv: ['--expose-gc'],
        env: {
          ...process.env,
          PORTLIGHT_SANDBOX_GUESTS: options.guests ? 'on' : 'off',
          PORTLIGHT_SANDBOX_REGISTRIES: 'loopback',
        },
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      },
    );
    child.stderr?.setEncoding('utf8').on('data', complain);
    const signal = AbortSignal.timeout(START_MS);
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error('the sandbox ended before it was ready');
    });
    const [{ url, kubeconfig }] = await Promise.race([once(child, 'message', { signal }), ended]);
    ended.catch(() => {});
    const config = parse(readFileSync(kubeconfig, 'utf8')) as KubeConfig;
    const ca = Buffer.from(config.clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64');
    const token = config.users.find(({ name }) => name === 'sandbox')?.user.token ?? '';
    const control = JSON.parse(readFileSync(path.join(directory, 'control.json'), 'utf8'));
    return new ClusterProcess(url, ca.toString(), token, control, child, directory);
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async steer(method: string, where: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(this.control.url + where, {
      method,
      headers: { authorization: `Bearer ${this.control.token}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return (await response.json()) as Record<string, unknown>;
  }

  /** What lives on the heap after a full collection, in bytes. */
  async heapBytes(): Promise<number> {
    return Number((await this.steer('GET', '/memory')).heapUsedBytes);
  }

  /** Ends it as the kernel does: at once, wherever it is. Its directory stays. */
  async kill(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  async close(): Promise<void> {
    if (this.isAlive) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function projectRoot(): string {
  let directory = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(directory, 'package.json'))) directory = path.dirname(directory);
  return directory;
}
