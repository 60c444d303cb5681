import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { KeyRing } from '@/lib/auth/key-ring';
import { PortlightServer, type PortlightServerOptions } from '@/server/portlight-server';
import type { FormBrowser } from '@/server/testing/form-browser';
import { freePort } from '../support/launch';

/** A console without pages, on a port that is known before it starts: providers want to know where they send people. */
export class ProviderConsole {
  private constructor(
    private readonly server: PortlightServer,
    readonly origin: string,
    readonly folder: string,
  ) {}

  static port(): Promise<number> {
    return freePort();
  }

  /** @param clusters of the configuration file; `files` are written beside it, so that it can name them. */
  static async start(
    port: number,
    clusters: object[],
    files: Record<string, string> = {},
    options: Partial<PortlightServerOptions> = {},
  ): Promise<ProviderConsole> {
    const folder = mkdtempSync(path.join(tmpdir(), 'console-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const config = path.join(folder, 'portlight.yaml');
    writeFileSync(config, JSON.stringify({ clusters }));
    const directory = await ClusterDirectory.open([], { config, log: () => undefined });
    const server = new PortlightServer({
      directory,
      hosts: { names: [], remote: false },
      ring: new KeyRing(),
      ...options,
    });
    await server.listen(port, '127.0.0.1');
    return new ProviderConsole(server, `http://127.0.0.1:${port}`, folder);
  }

  get revocations() {
    return this.server.auth.revocations;
  }

  /** What a page of the console asks. */
  async ask(browser: FormBrowser, method: string, where: string, body?: object) {
    const answer = await browser.request(this.origin + where, {
      method,
      headers: { origin: this.origin, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    // Of every shape: each test says what it expects.
    const found: ReturnType<JSON['parse']> = text.startsWith('{') ? JSON.parse(text) : undefined;
    return { status: answer.status, body: found };
  }

  /** Lists VMs of a namespace as whoever is signed in. */
  list(browser: FormBrowser, cluster: string, namespace = 'dev') {
    const where = `/api/k8s/${cluster}/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`;
    return this.ask(browser, 'GET', where);
  }

  async stop(): Promise<void> {
    await this.server.close(500);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
