import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { fetch } from 'undici';
import { stringify } from 'yaml';

const PROGRAMS = path.resolve('.cache/packages/usr/bin');
const RULES = path.resolve('sandbox/metrics/recording-rules.yaml');
const SCRAPE_SECONDS = 5;
const DEADLINE_MS = 60_000;
const LOOK_MS = 250;

/** One series of an instant vector. */
export interface Series {
  labels: Record<string, string>;
  value: number;
}

/** Something that is scraped, and what went wrong with it. */
export interface Target {
  labels: Record<string, string>;
  health: string;
  lastError: string;
}

interface Scraped {
  url: string;
  ca: string;
  token: string;
  /** KubeVirt's pods. */
  pods: readonly string[];
}

/** Debian's Prometheus, scraping a sandbox as docs/sandbox-metrics.md says. */
export class Prometheus {
  private constructor(
    private readonly directory: string,
    private readonly address: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(target: Scraped): Promise<Prometheus> {
    const directory = await mkdtemp(path.join(tmpdir(), 'portlight-prometheus-'));
    const file = (name: string) => path.join(directory, name);
    await writeFile(file('token'), target.token, { mode: 0o600 });
    await writeFile(file('ca.crt'), target.ca);
    await writeFile(
      file('prometheus.yaml'),
      stringify(configuration(new URL(target.url).host, target.pods, file)),
    );
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      path.join(PROGRAMS, 'prometheus'),
      [
        `--config.file=${file('prometheus.yaml')}`,
        `--storage.tsdb.path=${file('data')}`,
        `--web.listen-address=${address}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const prometheus = new Prometheus(directory, address, child);
    await prometheus.until(
      async () => (await fetch(`http://${address}/-/ready`)).status === 200,
      'it is ready',
    );
    return prometheus;
  }

  async close(): Promise<void> {
    const gone = once(this.child, 'exit');
    if (this.child.exitCode === null) {
      this.child.kill();
      await gone;
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  /** The instant vector that an expression comes to now. @throws with what Prometheus says against it. */
  async query(expression: string): Promise<Series[]> {
    const where = `http://${this.address}/api/v1/query?${new URLSearchParams({ query: expression })}`;
    // The shape of Prometheus' own API.
    const answer = (await (await fetch(where)).json()) as {
      error?: string;
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (!answer.data) throw new Error(`${expression}: ${answer.error}`);
    return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Asks until the answer is right. */
  async untilQuery(expression: string, isRight: (found: Series[]) => boolean): Promise<Series[]> {
    let found: Series[] = [];
    await this.until(
      async () => {
        found = await this.query(expression);
        return isRight(found);
      },
      () => `${expression} is right; it is ${JSON.stringify(found)}`,
    );
    return found;
  }

  /** Waits until the targets are right. */
  async untilTargets(isRight: (found: Target[]) => boolean): Promise<Target[]> {
    let found: Target[] = [];
    await this.until(
      async () => {
        const answer = await fetch(`http://${this.address}/api/v1/targets`);
        // The shape of Prometheus' own API.
        found = ((await answer.json()) as { data: { activeTargets: Target[] } }).data.activeTargets;
        return found.length > 0 && isRight(found);
      },
      () => `the targets are right; they are ${JSON.stringify(found)}`,
    );
    return found;
  }

  private async until(isSo: () => Promise<boolean>, what: string | (() => string)): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!(await isSo().catch(() => false))) {
      if (this.child.exitCode !== null) throw new Error('Prometheus has ended');
      if (Date.now() > deadline) {
        throw new Error(`Waited in vain until ${typeof what === 'string' ? what : what()}`);
      }
      await delay(LOOK_MS);
    }
  }
}

/** What `promtool check metrics` says against an exposition; nothing when it is well. */
export async function lint(exposition: string): Promise<string> {
  const run = promisify(execFile)(path.join(PROGRAMS, 'promtool'), ['check', 'metrics']);
  run.child.stdin?.end(exposition);
  return run.then(
    ({ stdout, stderr }) => stdout + stderr,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  );
}

function configuration(host: string, pods: readonly string[], file: (name: string) => string): object {
  const access = {
    authorization: { credentials_file: file('token') },
    tls_config: { ca_file: file('ca.crt') },
  };
  return {
    global: { scrape_interval: `${SCRAPE_SECONDS}s`, scrape_timeout: '5s', evaluation_interval: '2s' },
    rule_files: [RULES],
    scrape_configs: [
      { job_name: 'sandbox', scheme: 'https', ...access, static_configs: [{ targets: [host] }] },
      {
        job_name: 'kubevirt',
        scheme: 'https',
        ...access,
        // Debian builds Prometheus without the discovery that would find them by itself.
        static_configs: pods.map((pod) => ({
          targets: [host],
          labels: {
            pod,
            namespace: 'kubevirt',
            __metrics_path__: `/api/v1/namespaces/kubevirt/pods/https:${pod}:8443/proxy/metrics`,
          },
        })),
        metric_relabel_configs: [{ source_labels: ['__name__'], action: 'drop', regex: '.+' }],
      },
    ],
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
